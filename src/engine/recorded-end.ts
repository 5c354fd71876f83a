import type { Outcome } from "../wire/outcome.ts";

/** When the last call of a superstep ended, in milliseconds since 1970, as recorded: so every reader of the run decides alike. */
export function recordedEnd(outcomes: readonly Outcome[]): number {
  return outcomes.reduce(
    (latest, outcome) => (hasRecordedEnd(outcome) ? Math.max(latest, outcome.endedAtMs) : latest),
    0,
  );
}

/** Of a call that was lost nothing is recorded: its times are those of whoever found it missing. */
export function hasRecordedEnd({ result }: Outcome): boolean {
  return result.status !== "failed" || result.error.code !== "ACTIVITY_LOST";
}
