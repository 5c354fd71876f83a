import { customStatusOf, hasEnded } from "./found-run.ts";
import type { Cancel } from "./mail.ts";
import type { Instances } from "./sdk.ts";

const FIRST_LOOK_MS = 5_000;
const LONGEST_LOOK_MS = 30_000;

/** Calls `wake` once, `delayMs` from now. @returns a function that takes the timer back */
export type SetTimer = (delayMs: number, wake: () => void) => () => void;

export interface RunWatch {
  readonly runId: string;
  readonly instances: () => Instances;
  readonly setTimer: SetTimer;
  readonly logError: (text: string) => void;
  /** Called once: the run takes a cancel in, or has ended without one. */
  stop(cancel?: Cancel): void;
}

/**
 * Looks whether the run of a long call is to end, since the cancel may have come through another process: after 5 s, then
 * each time after half as long as the call has taken by then, 30 s at most.
 *
 * @param firstMs - when to look for the first time
 * @returns a function that ends the watch
 */
export function watchRun(watch: RunWatch, firstMs = FIRST_LOOK_MS): () => void {
  let takenMs = 0;
  let isOver = false;
  let stopTimer = () => {};
  const lookAfter = (delayMs: number) => {
    stopTimer = watch.setTimer(delayMs, () => {
      takenMs += delayMs;
      void look();
    });
  };
  const look = async () => {
    const end = await endOf(watch);
    if (isOver) return;
    if (end) watch.stop(end.cancel);
    else lookAfter(Math.min(Math.max(takenMs / 2, FIRST_LOOK_MS), LONGEST_LOOK_MS));
  };
  lookAfter(firstMs);
  return () => {
    isOver = true;
    stopTimer();
  };
}

/** Undefined while the run goes on, or nothing can be learnt of it. */
async function endOf({ runId, instances, logError }: RunWatch): Promise<{ readonly cancel?: Cancel } | undefined> {
  try {
    const instance = await instances().read(runId);
    if (!instance || hasEnded(instance)) return {};
    return customStatusOf(instance)?.isCancelRequested ? { cancel: {} } : undefined;
  } catch (error) {
    logError(`Whether run ${runId} was cancelled cannot be seen now, so it is looked again: ${error}`);
    return undefined;
  }
}
