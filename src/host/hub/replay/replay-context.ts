import type { EntityMessageName, EntityRequest } from "../entities/entity-request.ts";
import type { Decision } from "./decision.ts";
import { Deferred } from "./deferred.ts";
import { ExternalEvents } from "./external-events.ts";
import type { Accepted } from "./replay-event.ts";

/** Makes the JSON text of an input. Of all calls that are replayed, only those that are new need it. */
export type Input = () => string | null;

interface SubOrchestrationCall {
  readonly name: string;
  /** Null for an id of the framework's own making. */
  readonly instanceId: string | null;
  readonly version: string | null;
}

/**
 * What orchestration code of the framework can do, with ids: each call that leaves a trace in the history takes the next
 * whole number, from 0, at the moment it is made. Calls that the history knows are taken out of `pending` again; the
 * rest are the decisions of this episode.
 */
export class ReplayContext {
  readonly executionId: string;
  readonly events = new ExternalEvents();
  readonly pending = new Map<number, Decision>();
  readonly open = new Map<number, Deferred>();
  /** Time of the latest episode that was replayed. */
  nowMs = 0;
  nextId = 0;
  /** How many requests of `callHttp` wait for their timer; they have no id yet. */
  pollsToCome = 0;
  /** Of the result that is being played: whether `callHttp` has to ask again. */
  accepted: Accepted | null = null;
  /** Set by continue-as-new: the next generation's input, and the events that came after. */
  nextGeneration: { readonly inputJson: string | null; readonly carriedOver: number[] } | null = null;

  constructor(executionId: string) {
    this.executionId = executionId;
  }

  scheduleActivity(name: string, input: Input): Deferred {
    const id = this.#take();
    return this.#ask({
      kind: "scheduleActivity",
      id,
      name,
      get inputJson() {
        return input();
      },
    });
  }

  createSubOrchestration({ instanceId, ...call }: SubOrchestrationCall, input: Input): Deferred {
    const id = this.#take();
    return this.#ask({
      kind: "createSubOrchestration",
      id,
      ...call,
      instanceId: instanceId ?? `${this.executionId}:${id}`,
      get inputJson() {
        return input();
      },
    });
  }

  /** A cancelled timer is still created, but nothing waits for it, and it does not keep the instance from ending. */
  createTimer(fireAtMs: number, isCancelled = false): Deferred {
    const id = this.#take();
    const timer = this.#ask({ kind: "createTimer", id, fireAtMs });
    if (isCancelled) {
      this.open.delete(id);
      timer.settle("failed");
    }
    return timer;
  }

  sendToEntity(name: EntityMessageName, entityId: string, request: EntityRequest): void {
    const id = this.#take();
    this.pending.set(id, { kind: "sendToEntity", id, name, entityId, requestJson: JSON.stringify(request) });
  }

  /** An id that is not open any more is a duplicate, or a cancelled timer: without effect. */
  settle(id: number, state: "succeeded" | "failed", accepted: Accepted | null = null): void {
    this.accepted = accepted;
    const task = this.open.get(id);
    this.open.delete(id);
    task?.settle(state);
  }

  #take(): number {
    const id = this.nextId;
    this.nextId += 1;
    return id;
  }

  #ask(decision: Decision): Deferred {
    const task = new Deferred();
    this.pending.set(decision.id, decision);
    this.open.set(decision.id, task);
    return task;
  }
}
