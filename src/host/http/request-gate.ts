import type { Answer } from "./answer.ts";

export interface GateOptions {
  /** How many requests are answered at once; null for no limit. */
  readonly maxConcurrent: number | null;
  /** How many are answered or wait; null for no limit. */
  readonly maxOutstanding: number | null;
}

/** Lets so many requests in at once; more of them wait, and too many are sent away with 429, as the real host does. */
export class RequestGate {
  readonly #options: GateOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  async pass(answer: () => Promise<Answer>): Promise<Answer> {
    const { maxConcurrent, maxOutstanding } = this.#options;
    const outstanding = this.#running + this.#waiting.length;
    if (maxOutstanding !== null && outstanding >= maxOutstanding)
      return { status: 429, headers: { "retry-after": "1" } };
    if (maxConcurrent !== null && this.#running >= maxConcurrent) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await answer();
    } finally {
      this.#leave();
    }
  }

  /** Whoever waited longest takes the place over. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running -= 1;
  }
}
