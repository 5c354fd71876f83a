/**
 * What of a runner is under way without waiting for the clock. Everything it does by itself ends in a call, a commit or an
 * episode, and each of these is counted here: a runner that adds nothing for some turns of the event loop is at rest.
 */
export class Work {
  #steps = 0;
  #progress = 0;
  #underWay = 0;
  readonly #sleepers = new Set<Promise<void>>();

  /** Something happened. */
  step(): void {
    this.#steps++;
  }

  /** How often user code was called, or something came of a call. */
  get progress(): number {
    return this.#progress;
  }

  /** How much has happened, whether anything came of it or not. */
  get steps(): number {
    return this.#steps;
  }

  /** Something happened that moves the run. */
  advance(): void {
    this.#progress++;
    this.#steps++;
  }

  async during<Result>(work: Promise<Result>): Promise<Result> {
    this.#steps++;
    this.#underWay++;
    try {
      return await work;
    } finally {
      this.#underWay--;
      this.#steps++;
    }
  }

  /** Takes virtual time; a handler that is stopped meanwhile fails. */
  pause(ms: number, signal: AbortSignal): Promise<void> {
    return this.#sleep(signal, (resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(new Error("Stopped at the signal."));
      });
    });
  }

  /** Takes all the time there is: until the signal, or for ever. */
  hang(signal: AbortSignal, obeysSignal: boolean): Promise<void> {
    return this.#sleep(signal, (_resolve, reject) => {
      if (obeysSignal) signal.addEventListener("abort", () => reject(new Error("Stopped at the signal.")));
    });
  }

  /** Whether a handler waits for the clock, which nobody has told to stop. */
  get isAsleep(): boolean {
    return this.#sleepers.size > 0;
  }

  async #sleep(signal: AbortSignal, until: ConstructorParameters<typeof Promise<void>>[0]): Promise<void> {
    const sleeper = new Promise(until);
    this.#underWay--;
    this.#sleepers.add(sleeper);
    signal.addEventListener("abort", () => {
      this.#sleepers.delete(sleeper);
      this.advance();
    });
    try {
      await sleeper;
    } finally {
      this.#sleepers.delete(sleeper);
      this.#underWay++;
      this.advance();
    }
  }

  /** Waits until nothing happens by itself any more. */
  async rest(): Promise<void> {
    let quietTurns = 0;
    while (quietTurns < QUIET_TURNS) {
      const before = this.#steps;
      await new Promise((resolve) => setImmediate(resolve));
      quietTurns = this.#steps === before && this.#underWay === 0 ? quietTurns + 1 : 0;
    }
  }
}

const QUIET_TURNS = 4;
