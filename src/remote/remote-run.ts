import { lastOutputOf, outputsOf } from "../engine/run-end.ts";
import { isWorkflowError, WorkflowError } from "../errors.ts";
import type { PortRequest, RequestReference, Run } from "../graph/runner.ts";
import type { RunUpdate } from "../wire/live-update.ts";
import type { EventPage, RunEvent } from "../wire/run-event.ts";
import type { RunStatus } from "../wire/status.ts";
import { isGoingOn, pollUntil, type WaitClock } from "./poll.ts";

/** One run as it can be reached from here: through a task hub, or over HTTP. */
export interface RunSource {
  readonly runId: string;
  status(): Promise<RunStatus>;
  /** What happened behind event `after`, as soon as there is something; nothing when the source does not wait longer. */
  events(after: number): Promise<EventPage>;
  /** What calls told behind a position, as soon as there is something; left out where nothing comes this way. */
  updates?(after: string | undefined): Promise<UpdatesPage>;
  respond(reference: RequestReference | { readonly eventName: string }, response: unknown): Promise<void>;
  /** @throws {WorkflowError} `RUN_ENDED` */
  cancel(reason?: string): Promise<void>;
}

/** Some of what calls told while they went on. */
export interface UpdatesPage {
  readonly updates: readonly RunUpdate[];
  /** Ask for what comes behind it. */
  readonly position: string | undefined;
  readonly hasEnded: boolean;
}

type Target = string | { readonly id: string } | RequestReference;

/**
 * The handle of a run that goes on somewhere else, without the types its caller sees. It learns of changes by looking
 * again and again, less often the longer nothing happens (1 s at most).
 */
export class RemoteRun implements Run<unknown, never> {
  readonly runId: string;
  readonly #source: RunSource;
  readonly #clock: WaitClock;
  /** Requests that `nextRequest` has given out. */
  readonly #handedOut = new Set<string>();

  constructor(source: RunSource, clock: WaitClock) {
    this.runId = source.runId;
    this.#source = source;
    this.#clock = clock;
  }

  status(): Promise<RunStatus> {
    return this.#source.status();
  }

  async output(): Promise<unknown> {
    return lastOutputOf(await this.wait());
  }

  async outputs(): Promise<unknown[]> {
    return outputsOf(await this.wait());
  }

  async wait({ timeoutMs = Number.POSITIVE_INFINITY }: { readonly timeoutMs?: number } = {}): Promise<RunStatus> {
    const hasEnded = (run: RunStatus) => !isGoingOn(run);
    const status = await pollUntil(() => this.status(), hasEnded, timeoutMs, this.#clock);
    if (hasEnded(status)) return status;
    throw new WorkflowError(
      "RUN_TIMED_OUT_WAITING",
      `Run "${this.runId}" has not ended within ${timeoutMs} ms.`,
      "The run goes on; wait again.",
    );
  }

  async *events(): AsyncGenerator<RunEvent, void> {
    for (let after = 0; ; ) {
      const page = await this.#source.events(after);
      yield* page.events;
      if (page.hasEnded) return;
      after = page.nextAfter;
    }
  }

  async *updates(): AsyncGenerator<RunUpdate, void> {
    if (!this.#source.updates) return void (await this.wait());
    for (let after: string | undefined; ; ) {
      const { updates, position, hasEnded } = await this.#source.updates(after);
      yield* updates;
      if (hasEnded) return;
      after = position ?? after;
    }
  }

  async nextRequest(port: Target): Promise<PortRequest<never, unknown>> {
    const portId = idOf(port);
    const requestIn = ({ waitingForInput }: RunStatus) =>
      waitingForInput.find(({ requestId, eventName }) => eventName === portId && !this.#handedOut.has(requestId));
    const isThere = (run: RunStatus) => requestIn(run) !== undefined || !isGoingOn(run);
    const request = requestIn(await pollUntil(() => this.status(), isThere, Number.POSITIVE_INFINITY, this.#clock));
    if (request) return this.#handOut(request);
    throw new WorkflowError(
      "RUN_ENDED",
      `Run "${this.runId}" has ended and asks nothing more at port "${portId}".`,
      "Read its status.",
    );
  }

  async respond(target: Target, response: unknown): Promise<void> {
    const reference = typeof target === "object" && "requestId" in target ? target : { eventName: idOf(target) };
    await this.#source.respond(reference, response);
  }

  async cancel(reason?: string): Promise<void> {
    try {
      await this.#source.cancel(reason);
    } catch (error) {
      if (!isWorkflowError(error) || error.code !== "RUN_ENDED") throw error;
    }
  }

  #handOut({ requestId, eventName, input }: RunStatus["waitingForInput"][number]): PortRequest<never, unknown> {
    this.#handedOut.add(requestId);
    return {
      requestId,
      port: eventName,
      request: input as never,
      respond: (response) => this.respond({ requestId }, response),
    };
  }
}

function idOf(target: Target): string {
  if (typeof target === "string") return target;
  return "id" in target ? target.id : target.requestId;
}
