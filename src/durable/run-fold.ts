import { recordedEnd } from "../engine/recorded-end.ts";
import { applyLateResult, ignoreResponse, nextWake, takeDeliveries, wasRequestOpened } from "../engine/transitions.ts";
import type { Delivery } from "../wire/delivery.ts";
import { activityName } from "../wire/durable-names.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { Plan } from "../wire/plan.ts";
import type { RecordedEvent } from "../wire/run-event.ts";
import type { RunStart } from "../wire/run-start.ts";
import type { RunState } from "../wire/run-state.ts";
import { FoldedMail } from "./folded-mail.ts";
import { answeredRequest, mayAnswerLate } from "./mail.ts";
import type { HistoryFact } from "./run-history.ts";
import { beginning, endSuperstep, lostOutcome, MAX_TIMER_MS, shownState, type Taken, takeIn } from "./turn.ts";

/** How far the clock of an orchestrator may be off the times in its history. */
const CLOCK_LEEWAY_MS = 60_000;

/** A superstep that is under way. */
interface Calls {
  readonly deliveries: readonly Delivery[];
  readonly outcomes: Outcome[];
  readonly lost: FactOf<"lost">[];
}

type FactOf<Kind extends HistoryFact["kind"]> = Extract<HistoryFact, { readonly kind: Kind }>;

/**
 * A run's state and events as of now, from the history of its orchestration: the engine once more, with outcomes and
 * answers as they were recorded. Events are numbered from 1 without a gap, and a longer history only adds to them. An answer
 * or a late result that nobody took in before the end is ignored, and the event that says so follows the end.
 *
 * What follows from what, for two answers that came while superstep 1 was under way:
 *
 * ```
 * history   started   answer 1   answer 2   outcome of superstep 1     outcome of superstep 2
 * waiters   1         0          0          (boundary: 1 new, at once
 *                                           it has answer 2)
 * taken in                                  answer 1                   answer 2
 * ```
 *
 * The history of a long run begins with the state in which the generation before ended, and so do its events.
 */
export function foldRun(run: RecordedRun): Taken {
  const fold = new RunFold(run);
  const beforeArchive = factsBeforeArchive(run.facts);
  for (const fact of run.facts) fold.take(fact, beforeArchive.has(fact));
  return fold.taken;
}

/** The facts after which the next thing that the orchestrator asked for was an archive, and no call of an executor. */
function factsBeforeArchive(facts: readonly HistoryFact[]): ReadonlySet<HistoryFact> {
  let isArchiveNext = false;
  return new Set(
    facts.toReversed().filter(({ kind }) => {
      const isBefore = isArchiveNext;
      if (kind === "outcome" || kind === "lost") isArchiveNext = false;
      if (kind === "archiving" || kind === "archived" || kind === "notArchived") isArchiveNext = true;
      return isBefore;
    }),
  );
}

/** What is kept of a run by the host. */
interface RecordedRun {
  readonly runId: string;
  /** As it counts for this run. */
  readonly start: RunStart;
  readonly createdAtMs: number;
  readonly facts: readonly HistoryFact[];
}

class RunFold {
  readonly #plan: Plan;
  readonly #mail: FoldedMail;
  /** How far time has come for what is due, by what is recorded: as the orchestrator reckons. */
  #dueMs = 0;
  readonly #events: RecordedEvent[] = [];
  readonly #opened = new Set<string>();
  /** Requests that were open at a boundary of this generation. */
  readonly #asked = new Set<string>();
  #state: RunState;
  /** The orchestration has ended, though the run itself may not have come to an end: it was terminated. */
  #isOver = false;
  /** The superstep under way; undefined while the run waits, and before it began. */
  #calls: Calls | undefined;
  /** On its way to a new generation: until the events are in the archive, then until it is quiet. */
  #leaving: "archive" | "quiet" | undefined;
  /** When the wait that is going on began. */
  #waitingSinceMs = 0;
  #isArchivedNext = false;

  constructor({ runId, start, createdAtMs, facts }: RecordedRun) {
    this.#plan = start.plan;
    this.#dueMs = start.continued?.dueMs ?? 0;
    this.#mail = new FoldedMail(mayAnswerLate(start.plan));
    const startedAtMs = facts.find(({ kind }) => kind === "started")?.atMs ?? createdAtMs;
    this.#state = this.#keep(beginning(start, runId, startedAtMs));
  }

  get taken(): Taken {
    return { state: shownState(this.#state, this.#mail), events: this.#events };
  }

  take(fact: HistoryFact, isArchivedNext: boolean): void {
    this.#isArchivedNext = isArchivedNext;
    if (fact.kind === "ended") this.#isOver = true;
    else if (!this.#hasEnded) this.#goOn(fact);
    else if (fact.kind === "raised") this.#mail.raise(fact.name, fact.data);
    if (this.#hasEnded) this.#tellOfRest(fact.atMs);
  }

  #goOn(fact: HistoryFact): void {
    if (fact.kind === "started") this.#boundary(fact.atMs);
    else if (fact.kind === "raised") this.#raise(fact);
    else if (fact.kind === "timerFired" && this.#isAwaited(fact)) this.#wake(fact);
    else if (fact.kind === "lost") this.#lose(fact);
    else if (fact.kind === "outcome") this.#complete(fact);
    else if (fact.kind === "archived" || fact.kind === "notArchived") this.#leave(fact);
  }

  /** What the orchestrator does between two waits: takes in what came, then hands out a superstep or waits. */
  #boundary(atMs: number): void {
    this.#ignoreUnwanted(atMs);
    this.#state = this.#keep(takeIn(this.#plan, this.#state, this.#mail, atMs, this.#dueMs));
    this.#leaving = this.#isArchivedNext ? "archive" : undefined;
    if (this.#leaving) return;
    const { deliveries, ...begun } = takeDeliveries(this.#plan, this.#state, atMs);
    this.#state = this.#keep(begun);
    this.#calls = deliveries.length > 0 ? { deliveries, outcomes: [], lost: [] } : undefined;
    if (this.#state.status !== "running") return;
    const open = this.#state.requests.map(({ requestId }) => requestId);
    this.#waitingSinceMs = atMs;
    if (this.#calls) this.#mail.watchUnwatched(open);
    else if (this.#mail.watchAll(open)) this.#boundary(atMs);
  }

  /** The archive is there, or could not be written. It goes on as it is when anything came meanwhile. */
  #leave({ kind, atMs }: HistoryFact): void {
    const isNewsThere = this.#mail.hasNews(this.#state.requests.map(({ requestId }) => requestId));
    this.#leaving = "quiet";
    if (kind === "notArchived" || isNewsThere || this.#mail.watchAll([...this.#asked])) this.#boundary(atMs);
  }

  /**
   * A timer that was cancelled may fire all the same; so may the one of the last wait before a new generation. The one that
   * is waited for may be due a little later than it seems from here: a lost call has no recorded end, and the orchestrator
   * counts its delay from the episode that took it in.
   */
  #isAwaited({ dueAtMs }: FactOf<"timerFired">): boolean {
    if (this.#calls || this.#leaving) return false;
    const isLongestWait = dueAtMs >= this.#waitingSinceMs + MAX_TIMER_MS - CLOCK_LEEWAY_MS;
    const wakeMs = nextWake(this.#state);
    return (wakeMs !== null && dueAtMs >= wakeMs) || isLongestWait;
  }

  #wake({ atMs, dueAtMs }: FactOf<"timerFired">): void {
    this.#dueMs = Math.max(this.#dueMs, dueAtMs);
    this.#boundary(Math.max(atMs, dueAtMs));
  }

  #raise({ name, data, atMs }: FactOf<"raised">): void {
    const requestId = answeredRequest(name);
    const isClosed = requestId !== undefined && this.#isClosed(requestId);
    const isAtWaiter = this.#mail.raise(name, data);
    const isAwaited = !this.#calls && (this.#leaving === "quiet" || (!this.#leaving && !isClosed));
    if (isAtWaiter && isAwaited) this.#boundary(atMs);
    // What an archive under way does not hold must not be told of before the run goes on: the generation may end with it.
    else if (isClosed && !this.#leaving) this.#ignoreUnwanted(atMs);
  }

  #complete({ outcome, atMs }: FactOf<"outcome">): void {
    this.#calls?.outcomes.push(outcome);
    this.#endIfComplete(atMs);
  }

  #lose(fact: FactOf<"lost">): void {
    this.#calls?.lost.push(fact);
    this.#endIfComplete(fact.atMs);
  }

  #endIfComplete(atMs: number): void {
    if (!this.#calls) return;
    const { deliveries, outcomes, lost } = this.#calls;
    if (outcomes.length + lost.length < deliveries.length) return;
    const all = [...outcomes, ...lostOutcomes(this.#calls)];
    this.#calls = undefined;
    this.#dueMs = Math.max(this.#dueMs, recordedEnd(all));
    this.#state = this.#keep(endSuperstep(this.#plan, this.#state, this.#mail, all, atMs));
    if (this.#state.status === "running") this.#boundary(atMs);
  }

  /** What came before the end, and the orchestrator had no more superstep to take in. */
  #tellOfRest(atMs: number): void {
    for (const late of this.#mail.takeAllLate()) {
      this.#state = this.#keep(applyLateResult(this.#plan, this.#state, late, atMs));
    }
    this.#ignoreUnwanted(atMs);
  }

  #ignoreUnwanted(atMs: number): void {
    for (const requestId of this.#mail.takeUnwanted((id) => this.#isClosed(id))) this.#ignore(requestId, atMs);
  }

  #ignore(requestId: string, atMs: number): void {
    this.#state = this.#keep(ignoreResponse(this.#plan, this.#state, requestId, atMs));
  }

  get #hasEnded(): boolean {
    return this.#isOver || this.#state.status !== "running";
  }

  #isClosed(requestId: string): boolean {
    if (!this.#opened.has(requestId) && !wasRequestOpened(this.#state, requestId)) return false;
    return this.#hasEnded || !this.#state.requests.some((open) => open.requestId === requestId);
  }

  #keep({ state, events }: Taken): RunState {
    for (const event of events) {
      this.#events.push(event);
      if (event.type === "requestOpened") this.#opened.add(event.requestId);
    }
    for (const { requestId } of state.requests) this.#asked.add(requestId);
    return state;
  }
}

/** The history does not say which of several calls of one activity was lost; it was one of those without an outcome. */
function lostOutcomes({ deliveries, outcomes, lost }: Calls): Outcome[] {
  const left = deliveries.filter(({ callKey }) => !outcomes.some((outcome) => outcome.callKey === callKey));
  return lost.flatMap(({ activity, reason, atMs }) => {
    const index = left.findIndex(({ workflow, executorId }) => isSame(activityName(workflow, executorId), activity));
    return left.splice(index, index < 0 ? 0 : 1).map((delivery) => lostOutcome(delivery, reason, atMs));
  });
}

function isSame(name: string, other: string): boolean {
  return name.toLowerCase() === other.toLowerCase();
}
