import type { WorkflowRunner } from "../graph/runner.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import { systemClock, type WaitClock } from "../remote/poll.ts";
import { RemoteRun } from "../remote/remote-run.ts";
import type { GenerationLimits } from "../wire/run-start.ts";
import { getRun, startRun } from "./client.ts";
import { waitForEvents } from "./events.ts";
import { cancelRun, respondToRun } from "./respond.ts";
import type { Instances } from "./sdk.ts";

interface RunnerOptions {
  readonly clock?: WaitClock;
  /** For the runs it starts. */
  readonly generationLimits?: GenerationLimits | undefined;
}

const EVENTS_WAIT_MS = 30_000;

/**
 * A runner over Durable Functions. It learns of changes by looking again and again, less often the longer nothing happens
 * (1 s at most).
 *
 * @param instances - of the function's context, by `instancesOf`
 */
export function createDurableRunner(
  instances: Instances,
  { clock = systemClock, generationLimits }: RunnerOptions = {},
): WorkflowRunner {
  const open = (workflow: WorkflowNode, runId: string) =>
    new RemoteRun(
      {
        runId,
        status: () => getRun(instances, workflow, runId),
        events: (after) => waitForEvents(instances, workflow, runId, { after, waitMs: EVENTS_WAIT_MS }, clock),
        async respond(reference, response) {
          await respondToRun(instances, workflow, runId, reference, response);
        },
        cancel: (reason) => cancelRun(instances, workflow, runId, reason),
      },
      clock,
    );
  const runner = {
    async start(workflow: WorkflowNode, input: unknown, options?: { readonly runId?: string }) {
      const { runId } = await startRun(instances, workflow, input, { ...options, generationLimits });
      return open(workflow, runId);
    },
    open,
  };
  // A handle has no types of its own at run time: what its caller sees comes from the workflow.
  return runner as unknown as WorkflowRunner;
}
