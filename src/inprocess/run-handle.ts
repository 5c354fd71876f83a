import { checkResponse } from "../engine/invoke/check-value.ts";
import { withResponseSchemas } from "../engine/response-schemas.ts";
import { lastOutputOf, outputsOf } from "../engine/run-end.ts";
import { runStatusOf } from "../engine/run-status.ts";
import { WorkflowError } from "../errors.ts";
import type { PortRequest, RequestReference } from "../graph/runner.ts";
import type { Feed, Watchers } from "../updates/watchers.ts";
import { type RunUpdate, readUpdate } from "../wire/live-update.ts";
import { type RunEvent, readEvent } from "../wire/run-event.ts";
import type { RunStatus } from "../wire/status.ts";
import type { Clock } from "./clock.ts";
import { findRequest, handOut, idOf, isUnanswered, type PortReference, portOf, requestClosed } from "./find-request.ts";
import type { LiveRun } from "./live-run.ts";

type OpenedRequest = PortRequest<unknown, unknown>;

/**
 * The handle of a run in memory, without the types its caller sees. The run itself may still be on its way (its input is
 * being checked), or never come: then every method rejects with the reason.
 */
export class RunHandle {
  readonly runId: string;
  readonly #find: () => Promise<LiveRun>;
  readonly #clock: Clock;
  readonly #watchers: Watchers;

  constructor(runId: string, find: () => Promise<LiveRun>, clock: Clock, watchers: Watchers) {
    this.runId = runId;
    this.#find = find;
    this.#clock = clock;
    this.#watchers = watchers;
  }

  async status(): Promise<RunStatus> {
    return statusOf(await this.#find());
  }

  async output(): Promise<unknown> {
    return lastOutputOf(await this.wait());
  }

  async outputs(): Promise<unknown[]> {
    return outputsOf(await this.wait());
  }

  async wait({ timeoutMs }: { readonly timeoutMs?: number } = {}): Promise<RunStatus> {
    const run = await this.#find();
    if (timeoutMs === undefined) await run.ended;
    else await this.#within(timeoutMs, run.ended);
    return statusOf(run);
  }

  async #within(timeoutMs: number, ended: Promise<void>): Promise<void> {
    let stopTimer: (() => void) | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      const whatIsWrong = `Run "${this.runId}" has not ended within ${timeoutMs} ms.`;
      const error = new WorkflowError("RUN_TIMED_OUT_WAITING", whatIsWrong, "The run goes on; wait again.");
      stopTimer = this.#clock.setTimer(timeoutMs, () => reject(error));
    });
    await Promise.race([ended, timeout]).finally(() => stopTimer?.());
  }

  async *events(): AsyncGenerator<RunEvent, void> {
    const run = await this.#find();
    let place = 0;
    for (;;) {
      for (let event = run.events[place]; event; event = run.events[place]) {
        place += 1;
        yield readEvent(event);
      }
      if (run.isEnded) return run.ended;
      await run.changes.next();
    }
  }

  /** Watches from this call on, not from the first look: the run may have begun to talk by then. */
  updates(): AsyncIterableIterator<RunUpdate> {
    const feed = this.#watchers.watch(this.runId);
    const updates = this.#updatesOf(feed);
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: () => updates.next(),
      // A generator that was never asked for anything would end without a word.
      return: () => {
        feed.close();
        return updates.return();
      },
    };
  }

  async *#updatesOf(feed: Feed): AsyncGenerator<RunUpdate, void> {
    try {
      const run = await this.#find();
      for (;;) {
        for (const update of feed.take()) yield readUpdate(update);
        if (run.isEnded) return await run.ended;
        await feed.next(run.ended);
      }
    } finally {
      feed.close();
    }
  }

  async nextRequest(port: PortReference): Promise<OpenedRequest> {
    const { requestId, port: portId, requestJson } = await handOut(await this.#find(), idOf(port));
    const respond = (response: unknown) => this.respond({ requestId }, response);
    return { requestId, port: portId, request: JSON.parse(requestJson), respond };
  }

  async respond(reference: PortReference | RequestReference, response: unknown): Promise<void> {
    const run = await this.#find();
    const request = await findRequest(run, reference);
    const responseJson = await checkResponse(portOf(run, request), response, run.workflow.plan.limits);
    // While the schema was asked, another response may have come first.
    if (!isUnanswered(run, request)) throw requestClosed(run, `Request "${request.requestId}"`);
    await run.answer(request.requestId, responseJson);
  }

  async cancel(reason?: string): Promise<void> {
    const run = await this.#find();
    await run.cancel(reason);
  }
}

function statusOf(run: LiveRun): RunStatus {
  return withResponseSchemas(run.workflow, runStatusOf(run.workflow.plan, run.shownState, run.updatedAtMs));
}
