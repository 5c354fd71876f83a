import { invoke } from "../engine/invoke.ts";
import {
  applyCancel,
  applyDue,
  applyLateResult,
  applyOutcomes,
  applyResponse,
  beginRun,
  ignoreResponse,
  nextWake,
  type RunBeginning,
  type Transition,
  takeDeliveries,
} from "../engine/transitions.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import type { Delivery } from "../wire/delivery.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { RecordedEvent } from "../wire/run-event.ts";
import type { OpenRequest, RunState } from "../wire/run-state.ts";
import { abortedOutcome } from "./aborted-outcome.ts";
import { Changes } from "./changes.ts";
import type { Clock } from "./clock.ts";

/** Handlers that never wait would keep timers and sockets of the process from being served. */
const SUPERSTEPS_IN_A_ROW = 100;

interface Answer {
  readonly requestId: string;
  readonly responseJson: string;
}

/**
 * One run in memory: the engine in a plain loop. Answers and cancel go into a mailbox at any time, and are taken in at the
 * next superstep boundary; the loop sleeps while there is nothing to deliver.
 */
export class LiveRun {
  readonly workflow: WorkflowNode;
  readonly inputHash: string;
  /** Tells of every change of the state and the events. */
  readonly changes = new Changes();
  /** Resolves when the run has ended; rejects only for a defect of the runner itself. */
  readonly ended: Promise<void>;
  /** Requests that `nextRequest` gave out. */
  readonly handedOut = new Set<string>();
  readonly #clock: Clock;
  #abort = new AbortController();
  readonly #mail = new Changes();
  #answers: Answer[] = [];
  #late: Delivery[] = [];
  /** Stops waiting for the calls of the superstep under way. */
  #giveUp: (() => void) | undefined;
  #cancel: { readonly reason: string | undefined } | undefined;
  #state: RunState;
  #events: RecordedEvent[] = [];
  #updatedAtMs: number;
  #isAsleep = false;
  #isOver = false;

  constructor(workflow: WorkflowNode, start: Omit<RunBeginning, "nowMs">, clock: Clock) {
    this.workflow = workflow;
    this.inputHash = start.inputHash;
    this.#clock = clock;
    this.#updatedAtMs = clock.nowMs();
    const begun = beginRun(workflow.plan, { ...start, nowMs: this.#updatedAtMs });
    this.#state = begun.state;
    this.#events.push(...begun.events);
    this.ended = this.#loop().finally(() => {
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
    return this.#isAsleep;
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
    return this.shownState.requests.filter(({ isAnswering }) => !isAnswering);
  }

  answer(requestId: string, responseJson: string): void {
    this.#answers.push({ requestId, responseJson });
    this.#wake();
  }

  /** Aborts the handlers at once; the run ends a turn later, whether they stop or not. */
  cancel(reason: string | undefined): void {
    if (this.isEnded || this.#cancel || this.#state.ending) return;
    this.#cancel = { reason };
    this.#stopCalls();
    this.#wake();
  }

  /** Lets handlers that stop at the signal answer for themselves, and waits for no other. */
  #stopCalls(): void {
    this.#abort.abort();
    const giveUp = this.#giveUp;
    setImmediate(() => giveUp?.());
  }

  readonly #nowMs = () => this.#clock.nowMs();
  readonly #setTimer: Clock["setTimer"] = (delayMs, wake) => this.#clock.setTimer(delayMs, wake);

  #wake(): void {
    this.#isAsleep = false;
    this.#mail.tell();
  }

  async #loop(): Promise<void> {
    while (!this.isEnded) {
      this.#takeMail();
      const { deliveries, ...begun } = takeDeliveries(this.workflow.plan, this.#state, this.#clock.nowMs());
      this.#move(begun);
      if (deliveries.length > 0) await this.#call(deliveries);
      else if (!this.isEnded) await this.#sleep();
    }
  }

  async #call(deliveries: readonly Delivery[]): Promise<void> {
    const outcomes = await this.#outcomesOf(deliveries);
    if (this.#state.superstep % SUPERSTEPS_IN_A_ROW === 0) await new Promise((resolve) => setImmediate(resolve));
    const { plan } = this.workflow;
    const nowMs = this.#clock.nowMs();
    // Before the outcomes: a handler that was aborted may have failed for that reason, and the run is cancelled, not failed.
    if (this.#cancel) this.#move(applyCancel(plan, this.#state, this.#cancel, nowMs));
    this.#move(applyOutcomes(plan, this.#state, outcomes, nowMs));
  }

  /** One outcome for each call: those that are given up get one here, and what they still answer is only recorded. */
  async #outcomesOf(deliveries: readonly Delivery[]): Promise<Outcome[]> {
    const outcomes = new Map<string, Outcome>();
    let isOver = false;
    const lateResult = (delivery: Delivery) => {
      this.#late.push(delivery);
      this.#wake();
    };
    // What undoes the calls of a run that was stopped is not stopped with it.
    if (this.#state.ending && this.#abort.signal.aborted) this.#abort = new AbortController();
    const environment = { signal: this.#abort.signal, nowMs: this.#nowMs, setTimer: this.#setTimer, lateResult };
    let stopTimer = () => {};
    await new Promise<void>((resolve, reject) => {
      this.#giveUp = resolve;
      const calls = deliveries.map(async (delivery) => {
        const outcome = await invoke(this.workflow, delivery, environment);
        if (!isOver) outcomes.set(delivery.callKey, outcome);
        else if (outcome.result.status !== "failed") lateResult(delivery);
      });
      stopTimer = this.#watchDeadline();
      Promise.all(calls).then(() => resolve(), reject);
    });
    isOver = true;
    stopTimer();
    return deliveries.map((delivery) => outcomes.get(delivery.callKey) ?? abortedOutcome(delivery, this.#nowMs()));
  }

  /** Stops the calls when the run is out of time. @returns a function that ends the watch */
  #watchDeadline(): () => void {
    const { deadlineAtMs } = this.#state;
    if (deadlineAtMs === undefined) return () => undefined;
    let stopTimer = () => {};
    const look = () => {
      const leftMs = deadlineAtMs - this.#nowMs();
      // A timer may fire a little early by the clock.
      if (leftMs > 0) stopTimer = this.#clock.setTimer(leftMs, look);
      else this.#stopCalls();
    };
    look();
    return () => stopTimer();
  }

  #takeMail(): void {
    const { plan } = this.workflow;
    const nowMs = this.#clock.nowMs();
    const answers = this.#answers;
    this.#answers = [];
    for (const answer of answers) {
      if (this.isEnded) this.#move(ignoreResponse(plan, this.#state, answer.requestId, nowMs));
      else this.#move(applyResponse(plan, this.#state, answer, nowMs));
    }
    const late = this.#late;
    this.#late = [];
    for (const delivery of late) this.#move(applyLateResult(plan, this.#state, delivery, nowMs));
    if (this.#cancel) this.#move(applyCancel(plan, this.#state, this.#cancel, nowMs));
    this.#move(applyDue(plan, this.#state, nowMs));
  }

  /** Waits for mail or the next due time. */
  async #sleep(): Promise<void> {
    const mail = this.#mail.next();
    const wakeMs = nextWake(this.#state);
    const delayMs = wakeMs === null ? undefined : Math.max(0, wakeMs - this.#clock.nowMs());
    const stopTimer = delayMs === undefined ? undefined : this.#clock.setTimer(delayMs, () => this.#wake());
    this.#isAsleep = true;
    this.changes.tell();
    await mail;
    stopTimer?.();
  }

  #move({ state, events }: Transition): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#updatedAtMs = this.#clock.nowMs();
    for (const event of events) this.#events.push(event);
    if (this.isEnded) this.#ignoreAnswers();
    this.changes.tell();
  }

  /** Nobody takes in any more what was accepted before the end. */
  #ignoreAnswers(): void {
    const answers = this.#answers;
    this.#answers = [];
    for (const { requestId } of answers)
      this.#move(ignoreResponse(this.workflow.plan, this.#state, requestId, this.#clock.nowMs()));
  }
}
