import { ActionStarter, type ReplaySettings } from "./actions.ts";
import type { Action, Answer } from "./answer.ts";
import { type Completion, DECISION_NAMES, type Decision } from "./decision.ts";
import { ReplayContext } from "./replay-context.ts";
import { type Accepted, EVENT, isCompletion, isDecision, type ReplayEvent } from "./replay-event.ts";
import { nonDeterministic, ReplayFailure } from "./replay-failure.ts";

export interface ReplayInput {
  /** The orchestrator function's name, for the text of a failure. */
  readonly name: string;
  readonly executionId: string;
  /** The whole history of this generation, the new events of this episode included. */
  readonly events: readonly ReplayEvent[];
  readonly answer: Answer;
  /** How many ids the SDK has given, where that is known: both sides must have given as many after each episode. */
  readonly idsTaken?: number | undefined;
  readonly settings: ReplaySettings;
}

/**
 * Finds what an episode decides: a small Durable Task Framework. The orchestrator's answer lists all actions of the
 * generation without ids; they are started one after the other while the history is played against them, event by
 * event, and each takes its id when it starts. What the history does not know yet is a decision of this episode.
 *
 * ```
 * actions  A  any(B, event)  C          history   12 0 [4 #0 A] 13 | 12 [5 #0] [4 #1 B] 13 | 12 [15 event]
 * played   0: start A -> #0 ... 5 #0: start B -> #1, wait ... 15: start C -> #2, not in the history: a decision
 * ```
 *
 * The instance ends only when every action has settled and nothing is open, as on the real host.
 *
 * @returns decisions in the order of their ids; at most one of them, the last, ends the generation
 */
export function replay(input: ReplayInput): Decision[] {
  return replayOn(null, input).decisions;
}

/** What an episode decides, and what the next one can go on from; null when it has to begin at the beginning. */
export interface Replayed {
  readonly decisions: Decision[];
  readonly player: Player | null;
}

/** The same as {@link replay}: what an earlier episode has played is not played again, if that would come to the same. */
export function replayOn(before: Player | null, input: ReplayInput): Replayed {
  const player = before?.isStillRight(input) ? before : new Player(input);
  try {
    return { decisions: player.goOn(input), player };
  } catch (error) {
    if (!(error instanceof ReplayFailure)) throw error;
    return { decisions: [failure(input.name, player.nextId, error.message, "")], player: null };
  }
}

/** The decision that ends an instance whose episode could not be played. */
export function failure(name: string, id: number, message: string, stack: string): Completion {
  return {
    kind: "fail",
    id,
    message: `Orchestrator function '${name}' failed: ${message}`,
    details: `Message: ${message}, StackTrace: ${stack}`,
  };
}

/** A history as far as it has been played against an orchestrator's actions. */
export class Player {
  #input: ReplayInput;
  readonly #context: ReplayContext;
  readonly #starter: ActionStarter;
  #playedEvents = 0;
  #nextAction = 0;
  #hasStarted = false;
  #isBlocked = false;
  #isSuspended = false;
  /** Where the events of the latest episode begin. */
  #latestEpisode = 0;
  readonly #wasHeld = new Set<number>();
  #held: { readonly event: ReplayEvent; readonly index: number }[] = [];
  readonly #heldDecisions = new Map<number, Decision>();

  constructor(input: ReplayInput) {
    this.#input = input;
    this.#context = new ReplayContext(input.executionId);
    this.#starter = new ActionStarter(this.#context, input.settings);
  }

  get nextId(): number {
    return this.#context.nextId;
  }

  /**
   * Whether what has been played would be the same with this answer: it is the same list of actions, grown by some; none of
   * them has changed; and the new ones are not wanted before the new events.
   */
  isStillRight({ answer: { actions } }: ReplayInput): boolean {
    return actions === this.#input.answer.actions && this.#isBlocked && !this.#starter.hasCancelledTimers;
  }

  /** @throws {ReplayFailure} when history and actions do not match */
  goOn(input: ReplayInput): Decision[] {
    this.#input = input;
    const { events } = input;
    for (; this.#playedEvents < events.length; this.#playedEvents++) {
      this.#play(events[this.#playedEvents] as ReplayEvent, this.#playedEvents);
    }
    return this.#decisions();
  }

  #play(event: ReplayEvent, index: number): void {
    if (event.type === EVENT.orchestratorStarted) this.#begin(event.atMs, index);
    else if (event.type === EVENT.executionResumed) this.#resume();
    else if (!this.#isSuspended) this.#handle(event, index);
    else if (event.type !== EVENT.executionSuspended) this.#held.push({ event, index });
  }

  #decisions(): Decision[] {
    const completion = this.#completion();
    if (completion) this.#context.pending.set(completion.id, completion);
    this.#compareIds();
    // The copies hold the texts of inputs: whoever asked may change his objects from now on.
    return [...this.#context.pending.values()].sort((a, b) => a.id - b.id).map((decision) => ({ ...decision }));
  }

  #begin(atMs: number, index: number): void {
    this.#context.nowMs = atMs;
    this.#latestEpisode = index;
  }

  #handle(event: ReplayEvent, index: number): void {
    if (event.type === EVENT.executionStarted) this.#start();
    else if (event.type === EVENT.executionSuspended) this.#suspend();
    else if (event.type === EVENT.eventRaised) this.#raise(event.name, index);
    else if (isCompletion(event)) this.#settle(event);
    else if (isDecision(event)) this.#confirm(event);
  }

  #start(): void {
    this.#hasStarted = true;
    this.#runActions();
  }

  /** Starts actions until one of them is not settled yet; goes on from there when it is. */
  #runActions(): void {
    const { actions } = this.#input.answer;
    this.#isBlocked = false;
    while (this.#nextAction < actions.length) {
      const task = this.#starter.start(actions[this.#nextAction] as Action);
      this.#nextAction += 1;
      if (!task.isSettled) {
        this.#isBlocked = true;
        task.follow(() => this.#runActions());
        return;
      }
    }
  }

  /** Events that come after continue-as-new, in the very episode that asked for it, belong to the next generation. */
  #raise(name: string, index: number): void {
    if (this.#context.nextGeneration) this.#context.nextGeneration.carriedOver.push(index);
    else this.#context.events.raise(name);
  }

  #settle(event: ReplayEvent & { readonly taskId: number; readonly accepted?: Accepted }): void {
    this.#context.settle(event.taskId, outcomeOf(event.type), event.accepted);
  }

  #suspend(): void {
    this.#isSuspended = true;
    for (const [id, decision] of this.#context.pending) this.#heldDecisions.set(id, decision);
    this.#context.pending.clear();
  }

  #resume(): void {
    this.#isSuspended = false;
    for (const [id, decision] of this.#heldDecisions) this.#context.pending.set(id, decision);
    this.#heldDecisions.clear();
    const held = this.#held;
    this.#held = [];
    for (const { event, index } of held) {
      this.#wasHeld.add(index);
      this.#play(event, index);
    }
  }

  #confirm(event: ReplayEvent & { readonly id: number }): void {
    const decision = this.#context.pending.get(event.id);
    const known = describe(event);
    if (!decision) throw nonDeterministic(known, "has not asked for it at this point");
    if (decision.kind !== KIND_OF[event.type]) {
      throw nonDeterministic(known, `asked for ${DECISION_NAMES[decision.kind]} there`);
    }
    if ("name" in event && "name" in decision && decision.name.toLowerCase() !== event.name.toLowerCase()) {
      throw nonDeterministic(known, `asked for ${DECISION_NAMES[decision.kind]} named '${decision.name}' there`);
    }
    this.#context.pending.delete(event.id);
  }

  /**
   * Not while it is suspended: the SDK has taken in the events that are held back here. Not when its function has ended
   * either: the SDK looks at no event after that, and here what is open goes on.
   */
  #compareIds(): void {
    const { idsTaken, answer, settings } = this.#input;
    if (idsTaken === undefined || this.#isSuspended || answer.isDone || answer.error) return;
    // The SDK numbers the next poll together with the timer before it.
    if (idsTaken !== this.#context.nextId + this.#context.pollsToCome) settings.trapped("idsParted");
  }

  #completion(): Completion | null {
    const { answer, name } = this.#input;
    if (!this.#hasStarted || this.#isBlocked || this.#context.open.size > 0) return null;
    if (!answer.error && !answer.isDone) return null;
    // As the extension does: a critical section that was left open ends with the orchestration.
    this.#starter.releaseLocks();
    const id = this.#context.nextId;
    if (answer.error) return failure(name, id, answer.error.message, answer.error.stack);
    const next = this.#context.nextGeneration;
    if (next) this.#lookForDoubled(next.carriedOver);
    return next ? { kind: "continueAsNew", id, ...next } : { kind: "complete", id, outputJson: answer.outputJson };
  }

  /** An event of an earlier episode was taken in then, unless a suspension held it back. */
  #lookForDoubled(carriedOver: readonly number[]): void {
    const isDoubled = carriedOver.some((place) => place < this.#latestEpisode && !this.#wasHeld.has(place));
    if (isDoubled) this.#input.settings.trapped("eventsDoubled");
  }
}

const KIND_OF: Partial<Record<ReplayEvent["type"], Decision["kind"]>> = {
  [EVENT.taskScheduled]: "scheduleActivity",
  [EVENT.subOrchestrationCreated]: "createSubOrchestration",
  [EVENT.timerCreated]: "createTimer",
  [EVENT.eventSent]: "sendToEntity",
};

function outcomeOf(type: ReplayEvent["type"]): "succeeded" | "failed" {
  return type === EVENT.taskFailed || type === EVENT.subOrchestrationFailed ? "failed" : "succeeded";
}

const RECORDED: Partial<Record<ReplayEvent["type"], string>> = {
  [EVENT.taskScheduled]: "an activity",
  [EVENT.subOrchestrationCreated]: "a sub-orchestration",
  [EVENT.timerCreated]: "a timer",
  [EVENT.eventSent]: "a message to an entity",
};

function describe(event: ReplayEvent & { readonly id: number }): string {
  const named = "name" in event ? ` named '${event.name}'` : "";
  return `${RECORDED[event.type] ?? `event ${event.type}`}${named} with sequence number ${event.id}`;
}
