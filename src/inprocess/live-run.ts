import { abortedOutcome } from "../engine/aborted-outcome.ts";
import { atTime } from "../engine/invoke/at-time.ts";
import type { InvokeEnvironment } from "../engine/invoke/environment.ts";
import { invoke } from "../engine/invoke.ts";
import { nextWake, type Transition } from "../engine/transitions.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import type { Watchers } from "../updates/watchers.ts";
import type { Delivery } from "../wire/delivery.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { RecordedEvent } from "../wire/run-event.ts";
import type { OpenRequest, RunState } from "../wire/run-state.ts";
import { Changes } from "./changes.ts";
import type { Clock } from "./clock.ts";
import type { Recorder } from "./recorder.ts";
import type { RunSoFar } from "./run-fold.ts";
import {
  type Answer,
  beginSuperstep,
  type Cancel,
  endSuperstep,
  ignoreAnswers,
  type LateResult,
  takeIn,
} from "./superstep.ts";
import type { Surroundings } from "./surroundings.ts";

/** Handlers that never wait would keep timers and sockets of the process from being served. */
const SUPERSTEPS_IN_A_ROW = 100;

/**
 * One run of this process: the engine in a plain loop. Answers and cancel go into a mailbox at any time, and are taken in at
 * the next superstep boundary; the loop sleeps while there is nothing to deliver.
 *
 * With a recorder, everything that comes in is on disk before the run sees it: record, then apply.
 */
export class LiveRun {
  readonly workflow: WorkflowNode;
  /** Tells of every change of the state and the events. */
  readonly changes = new Changes();
  /** Resolves when the run has ended; rejects for a closed runner, or a defect of the runner itself. */
  readonly ended: Promise<void>;
  /** Requests that `nextRequest` gave out. */
  readonly handedOut = new Set<string>();
  readonly #clock: Clock;
  readonly #watchers: Watchers;
  readonly #recorder: Recorder | undefined;
  #abort = new AbortController();
  readonly #mail = new Changes();
  /** Requests with a response that is being recorded. */
  readonly #arriving = new Set<string>();
  #answers: Answer[];
  #late: LateResult[] = [];
  /** Stops waiting for the calls of the superstep under way. */
  #giveUpCalls: (() => void) | undefined;
  #cancel: Cancel | undefined;
  #state: RunState;
  #events: RecordedEvent[];
  #updatedAtMs: number;
  /** How often something came for the run. */
  #wakes = 0;
  #isAsleep = false;
  #isOver = false;
  #giveUp: (reason: Error) => void = () => {};

  /** @param soFar - a new run, or where an earlier process left it: what was in flight and has no outcome is called again */
  constructor(workflow: WorkflowNode, soFar: RunSoFar, { clock, watchers }: Surroundings, recorder?: Recorder) {
    this.workflow = workflow;
    this.#clock = clock;
    this.#watchers = watchers;
    this.#recorder = recorder;
    this.#state = soFar.state;
    this.#events = [...soFar.events];
    this.#updatedAtMs = soFar.updatedAtMs;
    this.#answers = [...soFar.answers];
    this.#cancel = soFar.cancel;
    if (this.#cancel) this.#abort.abort();
    const stopped = new Promise<never>((_resolve, reject) => {
      this.#giveUp = reject;
    });
    this.ended = Promise.race([this.#loop(soFar), stopped]).finally(() => {
      this.#isOver = true;
      this.changes.tell();
    });
    this.ended.catch(() => undefined); // whoever asks for the end gets the error; a run nobody asks about stops no process
  }

  get state(): RunState {
    return this.#state;
  }

  /** All events so far, the first one first. */
  get events(): readonly RecordedEvent[] {
    return this.#events;
  }

  get updatedAtMs(): number {
    return this.#updatedAtMs;
  }

  get isEnded(): boolean {
    return this.#isOver || this.#state.status !== "running";
  }

  /** Whether only an answer, or time, can move the run. */
  get isAsleep(): boolean {
    return this.#isAsleep && this.#arriving.size === 0;
  }

  /** The state as callers may see it: a request asks for nothing any more once a response was accepted. */
  get shownState(): RunState {
    const requests = this.#state.requests.map((request) => ({
      ...request,
      isAnswering: request.isAnswering || this.#answers.some(({ requestId }) => requestId === request.requestId),
    }));
    return { ...this.#state, requests };
  }

  /** Open requests that no accepted response is on its way to. */
  unanswered(): OpenRequest[] {
    return this.shownState.requests.filter(
      ({ requestId, isAnswering }) => !isAnswering && !this.#arriving.has(requestId),
    );
  }

  /** @throws {WorkflowError} `STORE_WRITE_FAILED`, `RUNNER_CLOSED`; then the request is open as before */
  async answer(requestId: string, responseJson: string): Promise<void> {
    this.#arriving.add(requestId);
    try {
      await this.#recorder?.accept({ kind: "response", requestId, responseJson });
    } finally {
      this.#arriving.delete(requestId);
      this.changes.tell();
    }
    this.#answers.push({ requestId, responseJson });
    if (this.#state.status !== "running") this.#ignoreAnswers(); // it ended while the response was being recorded
    this.#wake();
  }

  /**
   * Aborts the handlers at once; the run ends a turn later, whether they stop or not. A run that is on its way to an end
   * already stays on it.
   *
   * @throws {WorkflowError} `STORE_WRITE_FAILED`, `RUNNER_CLOSED`; then the run goes on
   */
  async cancel(reason: string | undefined): Promise<void> {
    if (this.#state.status !== "running" || this.#cancel || this.#state.ending) return;
    await this.#recorder?.accept({ kind: "cancel", ...(reason !== undefined && { reason }) });
    this.#cancel ??= { reason };
    // While the cancel was being recorded the run may have begun to undo its calls.
    if (!this.#state.ending) this.#stopCalls();
    this.#wake();
  }

  /** Lets handlers that stop at the signal answer for themselves, and waits for no other. */
  #stopCalls(reason?: Error): void {
    this.#abort.abort(reason);
    const giveUp = this.#giveUpCalls;
    setImmediate(() => giveUp?.());
  }

  readonly #nowMs = () => this.#clock.nowMs();
  readonly #setTimer: Clock["setTimer"] = (delayMs, wake) => this.#clock.setTimer(delayMs, wake);

  /** Leaves the run where it is: its handlers are aborted, and nothing they give is taken in. `ended` rejects with the reason. */
  stop(reason: Error): void {
    this.#isOver = true;
    this.#giveUp(reason);
    this.#stopCalls(reason);
    this.#wake();
  }

  #wake(): void {
    this.#wakes++;
    this.#isAsleep = false;
    this.#mail.tell();
  }

  async #loop(soFar: RunSoFar): Promise<void> {
    if (soFar.deliveries.length > 0) await this.#callAgain(soFar);
    while (!this.isEnded) {
      const wakesBefore = this.#wakes;
      const next = await this.#begin();
      if (next.length > 0) await this.#call(next);
      // What came while the run was beginning woke nobody, and is there already.
      else if (!this.isEnded && this.#wakes === wakesBefore) await this.#sleep();
    }
    if (this.#state.status !== "running") this.#recorder?.end();
  }

  /** Takes in what has come, and begins the next superstep if anything is queued. */
  async #begin(): Promise<readonly Delivery[]> {
    const { plan } = this.workflow;
    const before = this.#state;
    const atMs = this.#clock.nowMs();
    const mail = { answers: this.#answers, late: this.#late, cancel: this.#cancel };
    this.#answers = [];
    this.#late = [];
    const taken = takeIn(plan, before, mail, atMs);
    const { deliveries, ...begun } = beginSuperstep(plan, taken, atMs);
    this.#move(begun, atMs);
    if (this.#recorder && this.#state !== before) {
      const { answers, late, cancel } = mail;
      const came = { responses: answers.length, cancel: cancel !== undefined, ...(late.length > 0 && { late }) };
      const entry = { kind: "superstepBegan", atMs, ...came } as const;
      // What was due depends on the time alone, and a late result comes only once: a crash must not make the run look again
      // and see something else.
      if (taken.wasDue || late.length > 0) await this.#recorder.record(entry);
      else this.#recorder.note(entry);
    }
    return deliveries;
  }

  async #call(deliveries: readonly Delivery[]): Promise<void> {
    await this.#end(await this.#outcomesOf(deliveries));
  }

  /** A superstep that a crash cut off: what has an outcome is not called again, and of a cancelled run only what undoes. */
  async #callAgain({ deliveries, outcomes }: RunSoFar): Promise<void> {
    const isOpen = ({ callKey }: Delivery) => !outcomes.some((outcome) => outcome.callKey === callKey);
    const isCancelled = this.#cancel && !this.#state.ending;
    const open = isCancelled ? [] : deliveries.filter(isOpen);
    await this.#end([...outcomes, ...(await this.#outcomesOf(open))]);
  }

  async #end(outcomes: readonly Outcome[]): Promise<void> {
    if (this.#state.superstep % SUPERSTEPS_IN_A_ROW === 0) await new Promise((resolve) => setImmediate(resolve));
    const atMs = this.#clock.nowMs();
    const came = { outcomes, late: this.#late, cancel: this.#cancel };
    this.#late = [];
    const { late, cancel } = came;
    const entry = { kind: "superstepEnded", atMs, cancel: cancel !== undefined } as const;
    // A late result comes only once: it is on disk before it is seen.
    if (late.length > 0) await this.#recorder?.record({ ...entry, late });
    else this.#recorder?.note(entry);
    this.#move(endSuperstep(this.workflow.plan, this.#state, came, atMs), atMs);
  }

  /** One outcome for each call: those that are given up get one here, and what they still answer is only recorded. */
  async #outcomesOf(deliveries: readonly Delivery[]): Promise<Outcome[]> {
    const outcomes = new Map<string, Outcome>();
    const written: Promise<void>[] = [];
    let isOver = false;
    const take = async (outcome: Outcome) => {
      outcomes.set(outcome.callKey, outcome);
      if (!this.#recorder) return;
      const recorded = this.#recorder.record({ kind: "outcome", outcome });
      written.push(recorded);
      await recorded;
    };
    const environment = this.#environment();
    let stopTimer = () => {};
    await new Promise<void>((resolve, reject) => {
      this.#giveUpCalls = resolve;
      const calls = deliveries.map(async (delivery) => {
        const outcome = await invoke(this.workflow, delivery, environment);
        if (!isOver) await take(outcome);
        else if (outcome.result.status !== "failed") environment.lateResult(delivery);
      });
      stopTimer = atTime(this.#state.deadlineAtMs, this.#clock, () => this.#stopCalls());
      if (environment.signal.aborted) this.#stopCalls(); // the cancel came while the beginning was being recorded
      Promise.all(calls).then(() => resolve(), reject);
    }).finally(() => stopTimer());
    isOver = true;
    const givenUp = deliveries.filter(({ callKey }) => !outcomes.has(callKey));
    await Promise.all([...givenUp.map((delivery) => take(abortedOutcome(delivery, this.#nowMs()))), ...written]);
    return [...outcomes.values()];
  }

  #environment(): InvokeEnvironment {
    // What undoes the calls of a run that was stopped is not stopped with it.
    if (this.#state.ending && this.#abort.signal.aborted && !this.#isOver) this.#abort = new AbortController();
    const lateResult = ({ executorId, callKey, attempt }: LateResult) => {
      this.#late.push({ executorId, callKey, attempt });
      this.#wake();
    };
    return {
      signal: this.#abort.signal,
      nowMs: this.#nowMs,
      setTimer: this.#setTimer,
      lateResult,
      updates: this.#watchers,
    };
  }

  /** Waits for mail or the next due time. */
  async #sleep(): Promise<void> {
    const mail = this.#mail.next();
    const wakeMs = nextWake(this.#state);
    const delayMs = wakeMs === null ? undefined : Math.max(0, wakeMs - this.#clock.nowMs());
    const stopTimer = delayMs === undefined ? undefined : this.#clock.setTimer(delayMs, () => this.#wake());
    this.#isAsleep = true;
    this.#recorder?.settle();
    this.changes.tell();
    await mail;
    stopTimer?.();
  }

  #move({ state, events }: Transition, atMs: number): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#updatedAtMs = atMs;
    for (const event of events) this.#events.push(event);
    if (state.status !== "running") this.#ignoreAnswers();
    this.changes.tell();
  }

  /** Nobody takes in any more what was accepted before the end. */
  #ignoreAnswers(): void {
    const answers = this.#answers;
    this.#answers = [];
    if (answers.length === 0) return;
    const { state, events } = ignoreAnswers(this.workflow.plan, this.#state, answers, this.#updatedAtMs);
    this.#state = state;
    for (const event of events) this.#events.push(event);
  }
}
