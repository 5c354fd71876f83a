import type { OpenRequest } from "../wire/run-state.ts";
import {
  answerEvent,
  CANCEL_EVENT,
  type Cancel,
  LATE_EVENT,
  type LateResult,
  type Mail,
  readAnswer,
  readCancel,
  readLate,
} from "./mail.ts";
import type { OrchestrationContext, Task } from "./sdk.ts";

/** The waiters of one name, the oldest first. */
interface Box {
  readonly name: string;
  readonly tasks: Task[];
}

const NOTHING: readonly never[] = [];

/**
 * The event waiters of one orchestration, by event name. Three facts of the host rule it: a waiter may be part of one
 * compound only, the newest waiter of a name gets the next event, and a waiter stays until it got one. So the waiters of
 * a name are a stack here too; read from the top, its answers are in the order in which they came.
 *
 * Every replay comes through here once for each superstep and open request, so what asks whether something came must be cheap.
 */
export class Waiters implements Mail {
  readonly #df: OrchestrationContext;
  readonly #cancel: Box = { name: CANCEL_EVENT, tasks: [] };
  readonly #late: Box = { name: LATE_EVENT, tasks: [] };
  readonly #always: readonly Box[];
  readonly #answers = new Map<string, Box>();

  /** @param isLate - whether late results may come */
  constructor(df: OrchestrationContext, isLate: boolean) {
    this.#df = df;
    this.#always = isLate ? [this.#cancel, this.#late] : [this.#cancel];
  }

  /** New waiters, for the next compound: for cancel, late results and each of these requests. */
  forAll(requestIds: Iterable<string>): Task[] {
    const added = this.#always.map((box) => this.#add(box));
    for (const requestId of requestIds) added.push(this.#add(this.#boxOf(requestId)));
    return added;
  }

  /** As {@link forAll}, but only where no earlier waiter is left. */
  forUnwatched(requests: readonly Pick<OpenRequest, "requestId">[]): Task[] {
    const added = this.#always.filter((box) => !isWatched(box)).map((box) => this.#add(box));
    for (const { requestId } of requests) {
      const box = this.#boxOf(requestId);
      if (!isWatched(box)) added.push(this.#add(box));
    }
    return added;
  }

  takeAnswers(requestId: string): readonly string[] {
    const box = this.#answers.get(requestId);
    if (!box || !hasNewsIn(box)) return NOTHING;
    return take(box)
      .map(readAnswer)
      .filter((answer) => answer !== undefined);
  }

  hasNews(requestIds: readonly string[]): boolean {
    return this.#always.some(hasNewsIn) || requestIds.some((requestId) => hasNewsIn(this.#boxOf(requestId)));
  }

  hasAnswer(requestId: string): boolean {
    const { tasks = NOTHING } = this.#answers.get(requestId) ?? {};
    return tasks.some((task) => task.isCompleted && readAnswer(task.result) !== undefined);
  }

  takeLate(): readonly LateResult[] {
    return take(this.#late)
      .map(readLate)
      .filter((late) => late !== undefined);
  }

  takeCancel(): Cancel | undefined {
    return take(this.#cancel).map(readCancel)[0];
  }

  hasCancel(): boolean {
    return hasNewsIn(this.#cancel);
  }

  #boxOf(requestId: string): Box {
    const known = this.#answers.get(requestId);
    if (known) return known;
    const box = { name: answerEvent(requestId), tasks: [] };
    this.#answers.set(requestId, box);
    return box;
  }

  #add({ name, tasks }: Box): Task {
    const task = this.#df.waitForExternalEvent(name);
    tasks.push(task);
    return task;
  }
}

function hasNewsIn({ tasks }: Box): boolean {
  for (const task of tasks) if (task.isCompleted) return true;
  return false;
}

function isWatched({ tasks }: Box): boolean {
  for (const task of tasks) if (!task.isCompleted) return true;
  return false;
}

/** What came, in the order in which it did; those who got it wait no more. */
function take({ tasks }: Box): unknown[] {
  const came = tasks.filter((task) => task.isCompleted);
  if (came.length === 0) return [];
  tasks.splice(0, tasks.length, ...tasks.filter((task) => !task.isCompleted));
  return came.reverse().map((task) => task.result);
}
