import { lastOutputOf, outputsOf } from "../engine/run-end.ts";
import { isWorkflowError, WorkflowError } from "../errors.ts";
import type { PortRequest, Run, WorkflowRunner } from "../graph/runner.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import type { RunEvent } from "../wire/run-event.ts";
import type { RunStatus } from "../wire/status.ts";
import { getRun, readEvents, startRun } from "./client.ts";
import { cancelRun, respondToRun } from "./respond.ts";
import type { Instances } from "./sdk.ts";
import { isGoingOn, nextPollMs, systemClock, type WaitClock, waitForEnd } from "./wait.ts";

type Target = string | { readonly id: string } | { readonly requestId: string };

/**
 * A runner over Durable Functions. It learns of changes by looking again and again, less often the longer nothing happens
 * (1 s at most).
 *
 * @param instances - of the function's context, by `instancesOf`
 */
export function createDurableRunner(instances: Instances, clock: WaitClock = systemClock): WorkflowRunner {
  const runner = {
    async start(workflow: WorkflowNode, input: unknown, options?: { readonly runId?: string }) {
      const { runId } = await startRun(instances, workflow, input, options);
      return new DurableRun(instances, workflow, runId, clock);
    },
    open: (workflow: WorkflowNode, runId: string) => new DurableRun(instances, workflow, runId, clock),
  };
  // A handle has no types of its own at run time: what its caller sees comes from the workflow.
  return runner as unknown as WorkflowRunner;
}

/** The handle of a run, without the types its caller sees. */
class DurableRun implements Run<unknown, never> {
  readonly runId: string;
  readonly #instances: Instances;
  readonly #workflow: WorkflowNode;
  readonly #clock: WaitClock;
  /** Requests that `nextRequest` has given out. */
  readonly #handedOut = new Set<string>();

  constructor(instances: Instances, workflow: WorkflowNode, runId: string, clock: WaitClock) {
    this.runId = runId;
    this.#instances = instances;
    this.#workflow = workflow;
    this.#clock = clock;
  }

  status(): Promise<RunStatus> {
    return getRun(this.#instances, this.#workflow, this.runId);
  }

  async output(): Promise<unknown> {
    return lastOutputOf(await this.wait());
  }

  async outputs(): Promise<unknown[]> {
    return outputsOf(await this.wait());
  }

  async wait({ timeoutMs = Number.POSITIVE_INFINITY }: { readonly timeoutMs?: number } = {}): Promise<RunStatus> {
    const status = await waitForEnd(this.#instances, this.#workflow, this.runId, timeoutMs, this.#clock);
    if (!isGoingOn(status)) return status;
    throw new WorkflowError(
      "RUN_TIMED_OUT_WAITING",
      `Run "${this.runId}" has not ended within ${timeoutMs} ms.`,
      "The run goes on; wait again.",
    );
  }

  async *events(): AsyncGenerator<RunEvent, void> {
    let after = 0;
    for (let delayMs = nextPollMs(); ; delayMs = nextPollMs(delayMs)) {
      // The status first: what happens between the two looks is among the events then.
      const wasGoingOn = isGoingOn(await this.status());
      for (const event of await readEvents(this.#instances, this.#workflow, this.runId, after)) {
        yield event;
        after = event.number;
        delayMs = nextPollMs();
      }
      if (!wasGoingOn) return;
      await this.#clock.delay(delayMs);
    }
  }

  async nextRequest(port: Target): Promise<PortRequest<never, unknown>> {
    const portId = idOf(port);
    for (let delayMs = nextPollMs(); ; delayMs = nextPollMs(delayMs)) {
      const status = await this.status();
      const request = status.waitingForInput.find(
        ({ requestId, eventName }) => eventName === portId && !this.#handedOut.has(requestId),
      );
      if (request) return this.#handOut(request);
      if (!isGoingOn(status)) throw this.#endedWithout(portId);
      await this.#clock.delay(delayMs);
    }
  }

  async respond(target: Target, response: unknown): Promise<void> {
    const reference = typeof target === "object" && "requestId" in target ? target : { eventName: idOf(target) };
    await respondToRun(this.#instances, this.#workflow, this.runId, reference, response);
  }

  async cancel(reason?: string): Promise<void> {
    try {
      await cancelRun(this.#instances, this.#workflow, this.runId, reason);
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

  #endedWithout(portId: string): WorkflowError {
    return new WorkflowError(
      "RUN_ENDED",
      `Run "${this.runId}" has ended and asks nothing more at port "${portId}".`,
      "Read its status.",
    );
  }
}

function idOf(target: Target): string {
  if (typeof target === "string") return target;
  return "id" in target ? target.id : target.requestId;
}
