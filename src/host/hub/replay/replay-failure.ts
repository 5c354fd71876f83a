/** Ends the replay: the instance fails with this message, whatever else is open. */
export class ReplayFailure extends Error {}

/** The history and the orchestrator's answer do not belong together. */
export function nonDeterministic(history: string, replay: string): ReplayFailure {
  return new ReplayFailure(
    `Non-Deterministic workflow detected: the history of this instance has ${history}, but its replay ${replay}. ` +
      "Was the orchestrator's code changed after this instance had started?",
  );
}
