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

/**
 * The event waiters of one orchestration, by event name. Three facts of the host rule it: a waiter may be part of one
 * compound only, the newest waiter of a name gets the next event, and a waiter stays until it got one. So the waiters of
 * a name are a stack here too; read from the top, its answers are in the order in which they came.
 */
export class Waiters implements Mail {
  readonly #df: OrchestrationContext;
  readonly #always: readonly string[];
  readonly #byName = new Map<string, Task[]>();

  /** @param isLate - whether late results may come */
  constructor(df: OrchestrationContext, isLate: boolean) {
    this.#df = df;
    this.#always = isLate ? [CANCEL_EVENT, LATE_EVENT] : [CANCEL_EVENT];
  }

  /** New waiters, for the next compound: for cancel, late results and each of these requests. */
  forAll(requestIds: readonly string[]): Task[] {
    return this.#namesOf(requestIds).map((name) => this.#add(name));
  }

  /** As {@link forAll}, but only where no earlier waiter is left. */
  forUnwatched(requestIds: readonly string[]): Task[] {
    return this.#namesOf(requestIds)
      .filter((name) => !this.#byName.get(name)?.some((task) => !task.isCompleted))
      .map((name) => this.#add(name));
  }

  takeAnswers(requestId: string): readonly string[] {
    return this.#take(answerEvent(requestId))
      .map(readAnswer)
      .filter((answer) => answer !== undefined);
  }

  hasAnswer(requestId: string): boolean {
    const tasks = this.#byName.get(answerEvent(requestId)) ?? [];
    return tasks.some((task) => task.isCompleted && readAnswer(task.result) !== undefined);
  }

  takeLate(): readonly LateResult[] {
    return this.#take(LATE_EVENT)
      .map(readLate)
      .filter((late) => late !== undefined);
  }

  takeCancel(): Cancel | undefined {
    return this.#take(CANCEL_EVENT).map(readCancel)[0];
  }

  hasCancel(): boolean {
    return (this.#byName.get(CANCEL_EVENT) ?? []).some((task) => task.isCompleted);
  }

  #namesOf(requestIds: readonly string[]): string[] {
    return [...this.#always, ...requestIds.map(answerEvent)];
  }

  #add(name: string): Task {
    const task = this.#df.waitForExternalEvent(name);
    this.#byName.set(name, [...(this.#byName.get(name) ?? []), task]);
    return task;
  }

  #take(name: string): unknown[] {
    const tasks = this.#byName.get(name) ?? [];
    this.#byName.set(
      name,
      tasks.filter((task) => !task.isCompleted),
    );
    return tasks
      .filter((task) => task.isCompleted)
      .reverse()
      .map((task) => task.result);
  }
}
