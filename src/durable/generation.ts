import type { Delivery } from "../wire/delivery.ts";
import type { Outcome } from "../wire/outcome.ts";
import { DEFAULT_GENERATION_LIMITS, type GenerationLimits } from "../wire/run-start.ts";
import type { RunState } from "../wire/run-state.ts";

/** What a waiter for an external event takes in the list of actions. */
const WAITER_CHARS = 120;
/** What a call takes in history and list of actions besides its values. */
const CALL_CHARS = 1_000;
/** After a try that came to nothing because the archive could not be written, this share of the limit passes first. */
const PAUSE_SHARE = 0.1;

/** How much the generation of a run that is under way holds, and whether it is time for the next one. */
export class Generation {
  readonly #limits: GenerationLimits;
  /** Requests that were open in it: an answer may come to each of them, also after it was closed. */
  readonly #asked = new Set<string>();
  #requestsOpened = 0;
  #supersteps = 0;
  #chars = 0;
  #isEnded = false;
  #pausedUntil = 0;

  constructor(limits: GenerationLimits = DEFAULT_GENERATION_LIMITS) {
    this.#limits = limits;
  }

  get asked(): string[] {
    return [...this.#asked];
  }

  see({ requests, requestsOpened }: RunState): void {
    if (requestsOpened === this.#requestsOpened) return;
    this.#requestsOpened = requestsOpened;
    for (const { requestId } of requests) this.#asked.add(requestId);
  }

  /** A superstep has ended. */
  addSuperstep(deliveries: readonly Delivery[], outcomes: readonly Outcome[]): void {
    this.#supersteps += 1;
    for (const delivery of deliveries) this.#chars += CALL_CHARS + charsGiven(delivery);
    for (const outcome of outcomes) this.#chars += charsGivenBack(outcome);
    this.#isEnded = true;
  }

  addWait(waiters: number): void {
    this.#chars += waiters * WAITER_CHARS;
  }

  /** True once after each superstep, when the generation has grown to its limit. */
  takeTurn(): boolean {
    const { maxSupersteps, maxChars } = this.#limits;
    const isFull = this.#supersteps >= maxSupersteps || this.#chars >= maxChars;
    const isTurn = this.#isEnded && isFull && this.#supersteps >= this.#pausedUntil;
    this.#isEnded = false;
    return isTurn;
  }

  /** Leaves out the next turns. */
  pause(): void {
    this.#pausedUntil = this.#supersteps + Math.ceil(this.#limits.maxSupersteps * PAUSE_SHARE);
  }
}

function charsGiven({ call, state, lastErrorJson = "" }: Delivery): number {
  return charsIn(call) + charsIn(state) + lastErrorJson.length;
}

/** What is read here is the same on replay, when outcomes are not parsed again. */
function charsGivenBack({ result }: Outcome): number {
  if (result.status !== "completed") return charsIn(result);
  const { messages, yielded, writes, emitted } = result;
  const values = [...messages, ...emitted].reduce((chars, one) => chars + charsIn(one), 0);
  return values + charsIn(yielded) + charsIn(writes);
}

function charsIn(values: object): number {
  return Object.values(values).reduce<number>((chars, one) => chars + (typeof one === "string" ? one.length : 0), 0);
}
