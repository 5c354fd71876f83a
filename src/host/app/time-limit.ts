/** A function took longer than `functionTimeout` of host.json. */
class FunctionTimeoutError extends Error {
  override readonly name = "FunctionTimeoutException";
}

/**
 * Gives a call up after its time. What it still does cannot be stopped: the app shares this process, where Azure would
 * end the worker.
 *
 * @throws what the call throws, or an error in the words of the Functions host
 */
export async function withinTimeLimit<Result>(call: Promise<Result>, name: string, timeMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const timeIsUp = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new FunctionTimeoutError(`Timeout value of ${timeSpan(timeMs)} was exceeded by function: ${name}`));
    }, timeMs);
  });
  try {
    return await Promise.race([call, timeIsUp]);
  } finally {
    clearTimeout(timer);
  }
}

function timeSpan(timeMs: number): string {
  const part = (unitMs: number, units: number) => String(Math.floor(timeMs / unitMs) % units).padStart(2, "0");
  return `${part(3_600_000, 24)}:${part(60_000, 60)}:${part(1_000, 60)}`;
}
