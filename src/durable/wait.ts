import type { WorkflowNode } from "../graph/runtime.ts";
import type { RunStatus } from "../wire/status.ts";
import { getRun } from "./client.ts";
import type { Instances } from "./sdk.ts";

/** The clock of whoever waits for a run. */
export interface WaitClock {
  nowMs(): number;
  delay(milliseconds: number): Promise<void>;
}

export const systemClock: WaitClock = {
  nowMs: () => Date.now(),
  delay: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

const FIRST_POLL_MS = 20;
const LONGEST_POLL_MS = 1_000;
const POLL_BACKOFF = 1.5;

/** Milliseconds until the next look at a run: 20 at first, then half as long again each time, up to 1,000. */
export function nextPollMs(lastMs?: number): number {
  return lastMs === undefined ? FIRST_POLL_MS : Math.min(lastMs * POLL_BACKOFF, LONGEST_POLL_MS);
}

const GOING_ON: readonly RunStatus["status"][] = ["Pending", "Running", "Suspended"];

export function isGoingOn({ status }: RunStatus): boolean {
  return GOING_ON.includes(status);
}

/**
 * Looks at a run again and again until it has ended or the time is up.
 *
 * @returns the last status seen, ended or not
 * @throws {WorkflowError} `RUN_NOT_FOUND`
 */
export async function waitForEnd(
  instances: Instances,
  workflow: WorkflowNode,
  runId: string,
  timeoutMs: number,
  clock: WaitClock = systemClock,
): Promise<RunStatus> {
  const endMs = clock.nowMs() + timeoutMs;
  for (let delayMs = nextPollMs(); ; delayMs = nextPollMs(delayMs)) {
    const status = await getRun(instances, workflow, runId);
    const leftMs = endMs - clock.nowMs();
    if (!isGoingOn(status) || leftMs <= 0) return status;
    await clock.delay(Math.min(delayMs, leftMs));
  }
}
