/** What a caller of a start said about waiting for the end. */
export type Wait =
  | { readonly ok: true /** Null for a caller who does not wait. */; readonly waitMs: number | null }
  | { readonly ok: false; readonly message: string };

/** The front ends of Azure give up on an answer after this time, so nobody there gets one that takes longer. */
export const MAX_WAIT_SECONDS = 230;

/**
 * Reads `timeout` and `pollingInterval`, in seconds. As in the extension they count together alone, and a text that is no
 * number counts for nothing. How often to look is not followed: this host knows when an instance has ended.
 */
export function parseWait(query: URLSearchParams): Wait {
  const [timeout, interval] = [secondsOf(query, "timeout"), secondsOf(query, "pollingInterval")];
  if (timeout !== null && timeout > MAX_WAIT_SECONDS) {
    return refused(
      `The 'timeout' of ${timeout} seconds is longer than ${MAX_WAIT_SECONDS}, after which nobody in Azure gets an answer any more. ` +
        "Nothing was started; ask with a shorter one, and read the status at 'statusQueryGetUri' from then on.",
    );
  }
  if (timeout === null || interval === null) return { ok: true, waitMs: null };
  if (interval > timeout) {
    return refused(
      `Total timeout ${timeout} should be bigger than retry timeout ${interval}. ` +
        "Nothing was started; make 'pollingInterval' as long as 'timeout', or shorter.",
    );
  }
  return { ok: true, waitMs: timeout > 0 ? timeout * 1_000 : null };
}

function refused(message: string): Wait {
  return { ok: false, message };
}

function secondsOf(query: URLSearchParams, name: string): number | null {
  const text = query.get(name)?.trim() ?? "";
  const seconds = text === "" ? Number.NaN : Number(text);
  return Number.isNaN(seconds) ? null : seconds;
}
