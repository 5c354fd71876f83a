import type { WorkflowNode } from "../graph/runtime.ts";
import { pollUntil, systemClock, type WaitClock } from "../remote/poll.ts";
import { type EventPage, readEvent } from "../wire/run-event.ts";
import { readArchive } from "./archive/archive.ts";
import { findRun, hasEnded, readRun } from "./found-run.ts";
import type { Instance, Instances } from "./sdk.ts";

/** Times of instances are cut to the second: after two, whatever changes shows in them. */
const SETTLED_AFTER_MS = 2_000;

/**
 * The events of a run so far. Those that a long run has left behind come page by page, from its archive: only the last page
 * says that the run has ended.
 *
 * @param after - leaves out the events up to this number
 * @throws {WorkflowError} `RUN_NOT_FOUND`
 */
export async function readEvents(
  instances: Instances,
  workflow: WorkflowNode,
  runId: string,
  after = 0,
): Promise<EventPage> {
  // The host reads the status before the history: of a run that has ended by then, the history has it all.
  const { instance, start, state, events } = await readRun(instances, workflow, runId);
  const { archiveParts = 0 } = start.continued ?? {};
  const firstNumber = events[0]?.number ?? state.nextEventNumber;
  const isArchived = after < firstNumber - 1;
  const found = isArchived
    ? await readArchive(instances, { runId, seed: start.seed }, archiveParts, after)
    : events.filter(({ number }) => number > after);
  const nextAfter = found.at(-1)?.number ?? after;
  return { events: found.map(readEvent), nextAfter, hasEnded: !isArchived && hasEnded(instance) };
}

/**
 * As {@link readEvents}, but waits until there is an event or the run has ended.
 *
 * @param query - `waitMs`: after this time the answer is empty; 0 does not wait; `interrupt`: nor does it wait any longer then
 */
export async function waitForEvents(
  instances: Instances,
  workflow: WorkflowNode,
  runId: string,
  { after, waitMs, interrupt }: { readonly after: number; readonly waitMs: number; readonly interrupt?: AbortSignal },
  clock: WaitClock = systemClock,
): Promise<EventPage> {
  const nothing: EventPage = { events: [], nextAfter: after, hasEnded: false };
  const stillness = new Stillness(clock);
  // A history may be long, and a person may think for a long time: it is read again only when the run has moved.
  const look = async () => {
    // Of a run of another workflow nothing more is read: that it takes longer would tell that there is one.
    const instance = await findRun(instances, workflow, runId);
    if (waitMs > 0 && stillness.isStill(instance)) return nothing;
    return readEvents(instances, workflow, runId, after);
  };
  const isDone = (page: EventPage) => page.events.length > 0 || page.hasEnded || interrupt?.aborted === true;
  return pollUntil(look, isDone, waitMs, interruptible(clock, interrupt));
}

/** A clock whose delays end when the wait is interrupted. */
function interruptible(clock: WaitClock, interrupt: AbortSignal | undefined): WaitClock {
  if (!interrupt) return clock;
  const interrupted = new Promise<void>((resolve) => {
    if (interrupt.aborted) resolve();
    else interrupt.addEventListener("abort", () => resolve(), { once: true });
  });
  return { nowMs: () => clock.nowMs(), delay: (ms) => Promise.race([clock.delay(ms), interrupted]) };
}

/** Tells whether an instance can have moved since it was seen last. */
class Stillness {
  readonly #clock: WaitClock;
  #mark = "";
  #sinceMs = 0;
  #isSettled = false;

  constructor(clock: WaitClock) {
    this.#clock = clock;
  }

  /** @returns true when there was a look at this very state already, later than the second in which it came about */
  isStill({ lastUpdatedTime, runtimeStatus }: Instance): boolean {
    const mark = `${runtimeStatus} ${lastUpdatedTime}`;
    if (mark !== this.#mark) {
      this.#mark = mark;
      this.#sinceMs = this.#clock.nowMs();
      this.#isSettled = false;
    }
    const wasSettled = this.#isSettled;
    this.#isSettled = this.#clock.nowMs() - this.#sinceMs >= SETTLED_AFTER_MS;
    return wasSettled;
  }
}
