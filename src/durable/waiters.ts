import { answerEvent, CANCEL_EVENT, type Cancel, type Mail, readAnswer, readCancel } from "./mail.ts";
import type { OrchestrationContext, Task } from "./sdk.ts";

/**
 * The event waiters of one orchestration, by event name. Three facts of the host rule it: a waiter may be part of one
 * compound only, the newest waiter of a name gets the next event, and a waiter stays until it got one. So the waiters of
 * a name are a stack here too; read from the top, its answers are in the order in which they came.
 */
export class Waiters implements Mail {
  readonly #df: OrchestrationContext;
  readonly #byName = new Map<string, Task[]>();

  constructor(df: OrchestrationContext) {
    this.#df = df;
  }

  /** New waiters, for the next compound: for cancel and each of these requests. */
  forAll(requestIds: readonly string[]): Task[] {
    return namesOf(requestIds).map((name) => this.#add(name));
  }

  /** As {@link forAll}, but only where no earlier waiter is left. */
  forUnwatched(requestIds: readonly string[]): Task[] {
    return namesOf(requestIds)
      .filter((name) => !this.#byName.get(name)?.some((task) => !task.isCompleted))
      .map((name) => this.#add(name));
  }

  takeAnswers(requestId: string): readonly string[] {
    return this.#take(answerEvent(requestId))
      .map(readAnswer)
      .filter((answer) => answer !== undefined);
  }

  hasNews(requestIds: readonly string[]): boolean {
    return namesOf(requestIds).some((name) => this.#byName.get(name)?.some((task) => task.isCompleted));
  }

  hasAnswer(requestId: string): boolean {
    const tasks = this.#byName.get(answerEvent(requestId)) ?? [];
    return tasks.some((task) => task.isCompleted && readAnswer(task.result) !== undefined);
  }

  takeCancel(): Cancel | undefined {
    return this.#take(CANCEL_EVENT).map(readCancel)[0];
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

function namesOf(requestIds: readonly string[]): string[] {
  return [CANCEL_EVENT, ...requestIds.map(answerEvent)];
}
