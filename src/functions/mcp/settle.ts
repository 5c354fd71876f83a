import { getRun } from "../../durable/client.ts";
import type { Instances } from "../../durable/sdk.ts";
import type { WorkflowNode } from "../../graph/runtime.ts";
import { isGoingOn, pollUntil, systemClock } from "../../remote/poll.ts";
import type { RunStatus } from "../../wire/status.ts";

/**
 * Waits until a run has ended or waits for a person, but not for longer than `waitMs`.
 *
 * @param answered - a request that was answered just now, and may still be listed as open
 */
export function settle(
  instances: Instances,
  workflow: WorkflowNode,
  runId: string,
  waitMs: number,
  answered?: string,
): Promise<RunStatus> {
  const waits = ({ waitingForInput }: RunStatus) => waitingForInput.some(({ requestId }) => requestId !== answered);
  return pollUntil(
    () => getRun(instances, workflow, runId),
    (run) => !isGoingOn(run) || waits(run),
    waitMs,
    systemClock,
  );
}
