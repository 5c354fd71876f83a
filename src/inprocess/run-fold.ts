import type { Transition } from "../engine/transitions.ts";
import type { Delivery } from "../wire/delivery.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { Plan } from "../wire/plan.ts";
import type { RecordedEvent } from "../wire/run-event.ts";
import type { RunState } from "../wire/run-state.ts";
import type { TraceEntry } from "../wire/trace.ts";
import { type Answer, beginSuperstep, type Cancel, endSuperstep, ignoreAnswers, takeIn } from "./superstep.ts";

/** All there is to know of a run at some point: what a live run goes on from. */
export interface RunSoFar {
  readonly state: RunState;
  readonly events: readonly RecordedEvent[];
  readonly updatedAtMs: number;
  /** Accepted and not taken in yet. */
  readonly answers: readonly Answer[];
  readonly cancel: Cancel | undefined;
  /** The superstep under way: all its deliveries, and the outcomes that are there already. */
  readonly deliveries: readonly Delivery[];
  readonly outcomes: readonly Outcome[];
}

export function newRun({ state, events }: Transition): RunSoFar {
  const { startedAtMs: updatedAtMs } = state;
  return { state, events, updatedAtMs, answers: [], cancel: undefined, deliveries: [], outcomes: [] };
}

interface FoldOptions {
  /** Called before each superstep with the state it begins from: all that has come by then is in it. */
  readonly onSuperstep?: (before: RunState) => void;
}

/**
 * A run from its trace: the engine once more, with outcomes, answers and times as they were recorded. No executor is called.
 *
 * @param begun - the run as it was started
 */
export function foldTrace(
  plan: Plan,
  begun: Transition,
  trace: Iterable<TraceEntry>,
  options: FoldOptions = {},
): RunSoFar {
  const fold = new RunFold(plan, newRun(begun), options);
  for (const entry of trace) fold.take(entry);
  return fold.soFar;
}

class RunFold {
  readonly #plan: Plan;
  readonly #options: FoldOptions;
  readonly #events: RecordedEvent[];
  #state: RunState;
  #updatedAtMs: number;
  #answers: Answer[] = [];
  #cancel: Cancel | undefined;
  #deliveries: readonly Delivery[] = [];
  #outcomes: Outcome[] = [];

  constructor(plan: Plan, begun: RunSoFar, options: FoldOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#state = begun.state;
    this.#events = [...begun.events];
    this.#updatedAtMs = begun.updatedAtMs;
  }

  get soFar(): RunSoFar {
    return {
      state: this.#state,
      events: this.#events,
      updatedAtMs: this.#updatedAtMs,
      answers: this.#answers,
      cancel: this.#cancel,
      deliveries: this.#deliveries,
      outcomes: this.#outcomes,
    };
  }

  take(entry: TraceEntry): void {
    switch (entry.kind) {
      case "response":
        this.#answers.push(entry);
        this.#ignoreIfEnded();
        break;
      case "cancel":
        this.#cancel ??= { reason: entry.reason };
        break;
      case "outcome":
        this.#outcomes.push(entry.outcome);
        break;
      case "superstepBegan":
        this.#begin(entry);
        break;
      case "superstepEnded":
        this.#end(entry);
        break;
    }
  }

  #begin({ atMs, responses, late = [], cancel }: Extract<TraceEntry, { kind: "superstepBegan" }>): void {
    const mail = { answers: this.#answers.splice(0, responses), late, cancel: cancel ? this.#cancel : undefined };
    const taken = takeIn(this.#plan, this.#state, mail, atMs);
    const { deliveries, ...begun } = beginSuperstep(this.#plan, taken, atMs);
    if (deliveries.length > 0) this.#options.onSuperstep?.(taken.state);
    this.#deliveries = deliveries;
    this.#move(begun, atMs);
  }

  #end({ atMs, cancel, late = [] }: Extract<TraceEntry, { kind: "superstepEnded" }>): void {
    const came = { outcomes: this.#outcomes, late, cancel: cancel ? this.#cancel : undefined };
    this.#outcomes = [];
    this.#deliveries = [];
    this.#move(endSuperstep(this.#plan, this.#state, came, atMs), atMs);
  }

  #move({ state, events }: Transition, atMs: number): void {
    if (state !== this.#state) this.#updatedAtMs = atMs;
    this.#state = state;
    for (const event of events) this.#events.push(event);
    this.#ignoreIfEnded();
  }

  /** As a live run does it: at the time of its end, also what was accepted a little later. */
  #ignoreIfEnded(): void {
    if (this.#state.status === "running") return;
    const { state, events } = ignoreAnswers(this.#plan, this.#state, this.#answers.splice(0), this.#updatedAtMs);
    this.#state = state;
    for (const event of events) this.#events.push(event);
  }
}
