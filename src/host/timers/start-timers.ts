import { isWorkflowError } from "../../errors.ts";
import type { AppFunction } from "../app/functions.ts";
import { TimerFunction, type TimerParts } from "./timer-function.ts";

export interface Timers {
  /** Fires nothing any more. */
  stop(): void;
}

/**
 * Starts the timers of an app. One with a schedule that cannot be read never fires, and the log says so; the real host
 * starts the rest of the app too.
 */
export function startTimers(
  functions: readonly AppFunction[],
  environment: Readonly<Record<string, string | undefined>>,
  parts: TimerParts,
): Timers {
  const timers = functions
    .filter(({ kind, isDisabled }) => kind === "timer" && !isDisabled)
    .flatMap((fn) => timerOf(fn, environment, parts) ?? []);
  for (const timer of timers) timer.start();
  return {
    stop: () => {
      for (const timer of timers) timer.stop();
    },
  };
}

function timerOf(
  fn: AppFunction,
  environment: Readonly<Record<string, string | undefined>>,
  parts: TimerParts,
): TimerFunction | null {
  try {
    const timer = new TimerFunction(fn, environment, parts);
    if (timer.nextMs === null) parts.write("warning", `Timer "${fn.name}" (${fn.trigger.schedule}) never fires.`);
    return timer;
  } catch (error) {
    if (!isWorkflowError(error) || error.code !== "SETTING_INVALID") throw error;
    parts.write("error", `Function "${fn.name}" never fires. ${error.message}`);
    return null;
  }
}
