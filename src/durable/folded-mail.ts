import {
  answerEvent,
  answeredRequest,
  CANCEL_EVENT,
  type Cancel,
  LATE_EVENT,
  type LateResult,
  type Mail,
  readAnswer,
  readCancel,
  readLate,
} from "./mail.ts";

/** The data of an event. */
interface Letter {
  readonly data: unknown;
  /** It is in the run's events already that nobody takes it in. */
  isToldOf: boolean;
}

interface Box {
  /** Waiters of the orchestrator that no event has reached yet. */
  waiters: number;
  /** Events that a waiter has, to be taken in at the next boundary. */
  readonly arrived: Letter[];
  /** Events that no waiter was there for; the next waiter gets the first one. */
  readonly early: Letter[];
}

/** What the orchestrator's waiters do, replayed from the events in its history. */
export class FoldedMail implements Mail {
  readonly #always: readonly string[];
  readonly #boxes = new Map<string, Box>();

  /** @param isLate - whether late results may come */
  constructor(isLate: boolean) {
    this.#always = isLate ? [CANCEL_EVENT, LATE_EVENT] : [CANCEL_EVENT];
  }

  /** A new waiter for cancel, late results and each of these requests. @returns true when one of them has an event at once */
  watchAll(requestIds: readonly string[]): boolean {
    return this.#watch(requestIds, () => true);
  }

  /** As {@link watchAll}, but only where no earlier waiter is left. */
  watchUnwatched(requestIds: readonly string[]): void {
    this.#watch(requestIds, (box) => box.waiters === 0);
  }

  /** @returns true when a waiter has the event now */
  raise(name: string, data: unknown): boolean {
    const box = this.#box(name);
    const isExpected = box.waiters > 0;
    if (isExpected) box.waiters--;
    (isExpected ? box.arrived : box.early).push({ data, isToldOf: false });
    return isExpected;
  }

  takeAnswers(requestId: string): readonly string[] {
    return answersIn(this.#box(answerEvent(requestId)).arrived.splice(0));
  }

  hasAnswer(requestId: string): boolean {
    return answersIn(this.#box(answerEvent(requestId)).arrived).length > 0;
  }

  hasNews(requestIds: readonly string[]): boolean {
    return this.#namesOf(requestIds).some((name) => this.#box(name).arrived.length > 0);
  }

  /**
   * Answers to requests of which `isClosed` holds: nobody will take them in any more. What no waiter has got stays in its
   * place for one all the same.
   *
   * @returns the request of each answer
   */
  takeUnwanted(isClosed: (requestId: string) => boolean): readonly string[] {
    return [...this.#boxes].flatMap(([name, { arrived, early }]) => {
      const requestId = answeredRequest(name);
      const isEmpty = arrived.length === 0 && early.length === 0;
      if (isEmpty || requestId === undefined || !isClosed(requestId)) return [];
      const untold = [...arrived.splice(0), ...early].filter(({ isToldOf }) => !isToldOf);
      for (const letter of untold) letter.isToldOf = true;
      return answersIn(untold).map(() => requestId);
    });
  }

  takeLate(): readonly LateResult[] {
    return this.#box(LATE_EVENT)
      .arrived.splice(0)
      .map(({ data }) => readLate(data))
      .filter((late) => late !== undefined);
  }

  /** Late results of a run that has ended: also those that no waiter was there for. */
  takeAllLate(): readonly LateResult[] {
    const { arrived, early } = this.#box(LATE_EVENT);
    arrived.push(...early.splice(0));
    return this.takeLate();
  }

  takeCancel(): Cancel | undefined {
    return this.#box(CANCEL_EVENT)
      .arrived.splice(0)
      .map(({ data }) => readCancel(data))[0];
  }

  hasCancel(): boolean {
    return this.#box(CANCEL_EVENT).arrived.length > 0;
  }

  #watch(requestIds: readonly string[], isWanted: (box: Box) => boolean): boolean {
    const boxes = this.#namesOf(requestIds)
      .map((name) => this.#box(name))
      .filter(isWanted);
    for (const box of boxes) box.waiters++;
    const answered = boxes.filter(({ early }) => early.length > 0);
    for (const box of answered) {
      box.waiters--;
      box.arrived.push(...box.early.splice(0, 1));
    }
    return answered.length > 0;
  }

  #namesOf(requestIds: readonly string[]): string[] {
    return [...this.#always, ...requestIds.map(answerEvent)];
  }

  #box(name: string): Box {
    const box = this.#boxes.get(name) ?? { waiters: 0, arrived: [], early: [] };
    this.#boxes.set(name, box);
    return box;
  }
}

function answersIn(letters: readonly Letter[]): string[] {
  return letters.map(({ data }) => readAnswer(data)).filter((answer) => answer !== undefined);
}
