import { own } from "../../src/engine/own.ts";
import {
  applyCancel,
  applyDue,
  applyOutcomes,
  applyResponse,
  beginRun,
  type Transition,
  takeDeliveries,
} from "../../src/engine/transitions.ts";
import type { Delivery } from "../../src/wire/delivery.ts";
import type { ErrorData } from "../../src/wire/error-data.ts";
import type { CompletedResult, Outcome, OutcomeResult, SentMessage } from "../../src/wire/outcome.ts";
import { DEFAULT_LIMITS, type Limits, type MapPolicy, type Plan, type PlanEdge } from "../../src/wire/plan.ts";
import type { RecordedEvent } from "../../src/wire/run-event.ts";
import type { RunState } from "../../src/wire/run-state.ts";

interface PlanParts {
  /** Ids of executors in their order; an id in `ports` is a request port. */
  readonly executors: readonly string[];
  readonly ports?: readonly string[];
  readonly edges?: readonly PlanEdge[];
  readonly outputs?: readonly string[];
  readonly state?: Readonly<Record<string, string>>;
  readonly reads?: Readonly<Record<string, string[]>>;
  readonly writes?: Readonly<Record<string, string[]>>;
  readonly limits?: Partial<Limits>;
}

/** A plan without code: the engine never asks for any. */
export function planOf(parts: PlanParts): Plan {
  const { executors, ports = [], edges = [], outputs = [], state = {}, reads = {}, writes = {}, limits = {} } = parts;
  return {
    format: 1,
    workflow: "Scripted",
    start: executors[0] ?? "",
    executors: executors.map((id) => ({
      id,
      kind: ports.includes(id) ? "port" : "executor",
      schemas: {},
      reads: own(reads, id) ?? [],
      writes: own(writes, id) ?? [],
    })),
    edges: [...edges],
    state: Object.entries(state).map(([name, initialJson]) => ({ name, schema: "0".repeat(16), initialJson })),
    outputs: [...outputs],
    limits: { ...DEFAULT_LIMITS, ...limits },
    fingerprint: "0123456789abcdef",
  };
}

export function direct(from: string, to: string): PlanEdge {
  return { kind: "direct", id: `${from}->${to}`, from, to, isConditional: false };
}

export function conditional(from: string, to: string): PlanEdge {
  return { kind: "direct", id: `${from}?${to}`, from, to, isConditional: true };
}

export function fanOut(from: string, to: string[], isSelective = false): PlanEdge {
  return { kind: "fanOut", id: `${from}->[${to}]`, from, to, isSelective };
}

export function switchOf(from: string, cases: string[], otherwise: string | null): PlanEdge {
  return { kind: "switch", id: `${from}?[${cases}]`, from, cases: cases.map((to) => ({ to })), default: otherwise };
}

export function fanIn(from: string[], to: string, allowMissing = false): PlanEdge {
  return { kind: "fanIn", id: `[${from}]->${to}`, from, to, allowMissing };
}

export function mapOver(
  from: string,
  each: string,
  to: string,
  policy: MapPolicy = "all",
  concurrency?: number,
): PlanEdge {
  const id = `${from}*>${each}->${to}`;
  return { kind: "map", id, from, each, to, policy, ...(concurrency !== undefined && { concurrency }) };
}

export function onError(from: string, to: string): PlanEdge {
  return { kind: "error", id: `${from}!->${to}`, from, to };
}

export function returned(value: unknown, routes: SentMessage["routes"] = {}): SentMessage {
  return { valueJson: JSON.stringify(value), origin: "returned", routes };
}

export function sent(value: unknown, more: Partial<SentMessage> = {}): SentMessage {
  return { valueJson: JSON.stringify(value), origin: "sent", routes: {}, ...more };
}

export function completed(parts: Partial<CompletedResult> = {}): OutcomeResult {
  return { status: "completed", messages: [], yielded: [], writes: {}, emitted: [], haltRequested: false, ...parts };
}

export function failed(message: string, code = "HANDLER_FAILED"): OutcomeResult {
  const error: ErrorData = { name: "Error", code, message, retryable: true, causes: [], issues: [] };
  return { status: "failed", error };
}

export function outcomeOf(delivery: Delivery, result: OutcomeResult): Outcome {
  const { executorId, callKey, superstep, attempt } = delivery;
  return { executorId, callKey, superstep, attempt, startedAtMs: 0, endedAtMs: 5, result };
}

/** What each executor answers to a call; an executor without an answer returns nothing. */
export type Script = Readonly<Record<string, OutcomeResult | ((delivery: Delivery) => OutcomeResult)>>;

/** A run of the engine alone: calls are answered by a script, and time is set by hand. */
export class ScriptedRun {
  readonly plan: Plan;
  readonly events: RecordedEvent[] = [];
  state: RunState;
  nowMs = 0;

  constructor(plan: Plan, input: unknown = 0) {
    this.plan = plan;
    const begun = beginRun(plan, {
      runId: "run-1",
      inputJson: JSON.stringify(input),
      inputHash: "h",
      seed: "00",
      nowMs: 0,
    });
    this.state = begun.state;
    this.events.push(...begun.events);
  }

  take(): readonly Delivery[] {
    const { deliveries, ...transition } = takeDeliveries(this.plan, this.state, this.nowMs);
    this.#move(transition);
    return deliveries;
  }

  apply(outcomes: readonly Outcome[]): void {
    this.#move(applyOutcomes(this.plan, this.state, outcomes, this.nowMs));
  }

  /** One superstep. @returns the ids of the executors called, in order */
  step(script: Script = {}): string[] {
    const deliveries = this.take();
    if (deliveries.length > 0) this.apply(deliveries.map((delivery) => outcomeOf(delivery, answer(script, delivery))));
    return deliveries.map(({ executorId }) => executorId);
  }

  /** Supersteps until nothing is queued. @returns the executors called in each */
  run(script: Script = {}): string[][] {
    const steps: string[][] = [];
    while (this.state.status === "running" && this.state.queue.length > 0) steps.push(this.step(script));
    return steps.filter((called) => called.length > 0);
  }

  respond(requestId: string, response: unknown): void {
    const answered = { requestId, responseJson: JSON.stringify(response) };
    this.#move(applyResponse(this.plan, this.state, answered, this.nowMs));
  }

  cancel(reason?: string): void {
    this.#move(applyCancel(this.plan, this.state, { reason }, this.nowMs));
  }

  wake(nowMs: number): void {
    this.nowMs = nowMs;
    this.#move(applyDue(this.plan, this.state, nowMs));
  }

  eventsOf<Type extends RecordedEvent["type"]>(type: Type): Extract<RecordedEvent, { type: Type }>[] {
    return this.events.filter((event): event is Extract<RecordedEvent, { type: Type }> => event.type === type);
  }

  get outputs(): unknown[] {
    return this.state.outputs.map(({ outputJson }) => JSON.parse(outputJson));
  }

  #move({ state, events }: Transition): void {
    this.state = state;
    this.events.push(...events);
  }
}

function answer(script: Script, delivery: Delivery): OutcomeResult {
  const scripted = own(script, delivery.executorId) ?? completed();
  return typeof scripted === "function" ? scripted(delivery) : scripted;
}
