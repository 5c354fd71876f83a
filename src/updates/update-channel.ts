import type { LiveUpdates } from "../engine/invoke/environment.ts";
import type { LiveUpdate } from "../wire/live-update.ts";

/** Some updates of a run. */
export interface UpdatePage {
  readonly updates: readonly LiveUpdate[];
  /** Ask for what comes behind it. Letters, digits, `-` and `_` alone. */
  readonly position: string;
}

export type EndedCall = Pick<LiveUpdate, "runId" | "callKey" | "attempt">;

/**
 * Brings what calls tell while they go on to readers, who may be in another process: the way from an activity to the door that
 * streams a run's events. Nothing depends on it. It may lose updates, and a reader who comes late gets what is kept.
 *
 * {@link createMemoryChannel} serves a function app that is one process, as on the local host. An app that is scaled out needs a
 * channel over a store that all its processes reach, a stream of Redis for example, where `send` adds an entry, `read` waits
 * for the next ones, and a position is the id of an entry.
 */
export interface UpdateChannel extends LiveUpdates {
  /**
   * Updates of a run behind a position, as soon as there are any.
   *
   * @param after - where an earlier page ended; without it, or for a position that is not known any more, what is kept of the
   *   calls that go on
   * @param signal - ends the wait; then the page is empty
   */
  read(runId: string, after: string | undefined, signal: AbortSignal): Promise<UpdatePage>;
  /** This attempt at a call has ended: who begins to read now has its outcome, and needs nothing of it. */
  ended(call: EndedCall): void;
}
