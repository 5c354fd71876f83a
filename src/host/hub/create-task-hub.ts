import { WorkflowError } from "../../errors.ts";
import { type HistoryStore, hasEnded, type InstanceRow } from "../store/history-store.ts";
import { EndWaiters } from "./end-waiters.ts";
import { HubEngine } from "./engine.ts";
import { entityIdOf } from "./entities/entity-request.ts";
import type { HubEnvironment } from "./environment.ts";
import { checkHistory } from "./history-chain.ts";
import { withHttpActivity } from "./http-activity.ts";
import { eventRaised, executionResumed, executionSuspended, executionTerminated, type HubEvent } from "./hub-event.ts";
import { engineOptionsOf, type TaskHubOptions } from "./hub-options.ts";
import { problemOfEventName, problemOfInstanceId } from "./names.ts";
import type {
  EntityFilter,
  EntityPage,
  EntityView,
  FunctionInvoker,
  HistoryEvent,
  InstanceFilter,
  InstancePage,
  InstanceView,
  OverridableStates,
  RewindResult,
  SendResult,
  SignalRequest,
  StartRequest,
  StartResult,
  SwitchResult,
  TaskHub,
} from "./task-hub.ts";
import { entityViewOf, viewOf } from "./views.ts";

const PURGE_PAGE_SIZE = 500;

/** The task hub over a store, which it owns from now on. Nothing runs before {@link TaskHub.open}. */
export function createTaskHub(options: TaskHubOptions): TaskHub {
  return new LocalTaskHub(options);
}

class LocalTaskHub implements TaskHub {
  readonly #store: HistoryStore;
  readonly #environment: HubEnvironment;
  readonly #overridable: OverridableStates;
  readonly #defaultVersion: string;
  readonly #maxWaiting: number;
  readonly #engine: HubEngine;
  readonly #endWaiters: EndWaiters;
  #invoker: FunctionInvoker | null = null;
  #isNobodyToWait = false;

  constructor(options: TaskHubOptions) {
    const engineOptions = engineOptionsOf(options, (instanceId) => this.#endWaiters.tell(instanceId));
    const { store, environment, overridable, defaultVersion } = engineOptions;
    this.#store = store;
    this.#environment = environment;
    this.#overridable = overridable;
    this.#defaultVersion = defaultVersion;
    this.#maxWaiting = options.maxWaiting ?? 10_000;
    this.#endWaiters = new EndWaiters(environment.after);
    this.#engine = new HubEngine(engineOptions);
  }

  async open(invoker: FunctionInvoker): Promise<void> {
    this.#invoker = withHttpActivity(invoker);
    this.#engine.begin(this.#invoker);
  }

  async start({
    name,
    instanceId = this.#environment.newId(),
    inputJson,
    version = this.#defaultVersion,
    keepExisting = false,
  }: StartRequest): Promise<StartResult> {
    const problem = problemOfInstanceId(instanceId);
    if (problem !== null) {
      return {
        ok: false,
        reason: "invalid-id",
        message: `The instance id '${instanceId}' cannot be used: ${problem}.`,
      };
    }
    if (!this.#opened().hasFunction("orchestration", name)) {
      return {
        ok: false,
        reason: "unknown-function",
        message: `There is no orchestrator function '${name}' in this app.`,
      };
    }
    this.#refuseMore(this.#engine.waitingCount, "instances wait for their turn");
    // An instance that stands in the way counts only once it is on disk: until then its own start can still fail.
    const replaceable = keepExisting ? "None" : this.#overridable;
    for (;;) {
      const taken = this.#refusal(instanceId, replaceable);
      if (taken === null) break;
      if (this.#engine.isSettled) return { ok: false, reason: "exists", message: taken };
      await this.#engine.settled();
    }
    await this.#engine.start({ instanceId, name, version, inputJson, parent: null });
    return { ok: true, instanceId };
  }

  async get(instanceId: string): Promise<InstanceView | null> {
    const row = this.#store.instance(instanceId);
    return row && this.#view(row);
  }

  async history(instanceId: string): Promise<readonly HistoryEvent[] | null> {
    const row = this.#store.instance(instanceId);
    if (!row) return null;
    const chunks = this.#store.history(row.key);
    checkHistory(row, chunks);
    return JSON.parse(`[${chunks.map(({ events }) => events).join(",")}]`) as HistoryEvent[];
  }

  async list(filter: InstanceFilter): Promise<InstancePage> {
    const { rows, continuationToken } = this.#store.instances(filter);
    return { instances: rows.map((row) => this.#view(row)), continuationToken };
  }

  async raiseEvent(instanceId: string, eventName: string, dataJson: string | null): Promise<SendResult> {
    const problem = problemOfEventName(eventName);
    if (problem !== null) {
      throw new WorkflowError(
        "PARAMETER_INVALID",
        `The event name "${eventName}" cannot be used: ${problem}.`,
        "Give the event a name that begins with a letter.",
      );
    }
    this.#refuseMore(this.#engine.inboxSize(instanceId), `messages wait for the instance '${instanceId}'`);
    return this.#send(instanceId, (nowMs) => eventRaised(eventName, dataJson, nowMs));
  }

  async terminate(instanceId: string, reason: string): Promise<SendResult> {
    return this.#send(instanceId, (nowMs) => executionTerminated(reason, nowMs));
  }

  async suspend(instanceId: string, reason: string): Promise<SwitchResult> {
    if (this.#engine.openStatus(instanceId) === "Suspended") return this.#isSoAlready();
    return this.#send(instanceId, (nowMs) => executionSuspended(reason, nowMs));
  }

  async resume(instanceId: string, reason: string): Promise<SwitchResult> {
    if ((this.#engine.openStatus(instanceId) ?? "Suspended") !== "Suspended") return this.#isSoAlready();
    return this.#send(instanceId, (nowMs) => executionResumed(reason, nowMs));
  }

  async rewind(instanceId: string, reason: string): Promise<RewindResult> {
    await this.#engine.settled();
    const row = this.#store.instance(instanceId);
    if (!row) return "not-found";
    if (!hasEnded(row.status)) return "not-failed";
    if (row.status !== "Failed") return "finished";
    await this.#engine.rewind(row, reason);
    return "accepted";
  }

  async restart(instanceId: string, withNewId: boolean): Promise<StartResult | null> {
    const row = this.#store.instance(instanceId);
    if (!row) return null;
    const { name, version, inputJson } = row;
    return this.start({ name, inputJson, version: version ?? "", ...(withNewId ? {} : { instanceId }) });
  }

  async purge(instanceId: string): Promise<number> {
    await this.#engine.settled();
    const row = this.#store.instance(instanceId);
    return row && hasEnded(row.status) ? this.#engine.delete([row]) : 0;
  }

  async purgeBy(filter: InstanceFilter): Promise<number> {
    await this.#engine.settled();
    let count = 0;
    let continuationToken: string | null = null;
    do {
      const page = this.#store.instances({
        ...filter,
        top: PURGE_PAGE_SIZE,
        ...(continuationToken === null ? {} : { continuationToken }),
      });
      continuationToken = page.continuationToken;
      count += await this.#engine.delete(page.rows.filter(({ status }) => hasEnded(status)));
    } while (continuationToken !== null);
    return count;
  }

  async entity(name: string, key: string): Promise<EntityView | null> {
    const row = this.#store.entity(entityIdOf({ name, key }));
    return row?.exists ? entityViewOf(row) : null;
  }

  async entities(filter: EntityFilter): Promise<EntityPage> {
    const { rows, continuationToken } = this.#store.entities(filter);
    return { entities: rows.map(entityViewOf), continuationToken };
  }

  async signalEntity(request: SignalRequest): Promise<"accepted" | "unknown-function"> {
    if (!this.#opened().hasFunction("entity", request.name)) return "unknown-function";
    await this.#engine.signal(request);
    return "accepted";
  }

  async waitForEnd(instanceId: string, timeoutMs: number): Promise<InstanceView | null> {
    const row = this.#store.instance(instanceId);
    if (row && !hasEnded(row.status) && !this.#isNobodyToWait) await this.#endWaiters.wait(instanceId, timeoutMs);
    return this.get(instanceId);
  }

  beginNoMore(): void {
    this.#engine.beginNoMore();
    this.#isNobodyToWait = true;
    this.#endWaiters.tellAll();
  }

  async close(): Promise<void> {
    this.#engine.stop();
    this.beginNoMore();
    // The waiters read the status once more before the file is closed.
    await new Promise<void>((resolve) => this.#environment.soon(resolve));
    this.#store.close();
  }

  #view(row: InstanceRow): InstanceView {
    const quarantine = this.#engine.quarantine(row.instanceId);
    return { ...viewOf(row), ...(quarantine === null ? {} : { quarantine }) };
  }

  #opened(): FunctionInvoker {
    if (this.#invoker) return this.#invoker;
    throw new WorkflowError(
      "INTERNAL_ERROR",
      "The task hub is not open yet.",
      "Call open() with the app's functions first.",
    );
  }

  /** What is accepted is kept in memory until its turn, so there is an end to what is accepted. */
  #refuseMore(count: number, what: string): void {
    if (count < this.#maxWaiting) return;
    throw new WorkflowError("HOST_OVERLOADED", `${count} ${what}, as many as this host allows.`, "Try again later.");
  }

  /** Why an instance of this id cannot be started, or null. */
  #refusal(instanceId: string, replaceable: OverridableStates): string | null {
    const existing = this.#engine.existing(instanceId);
    if (!existing || replaceable === "AnyState") return null;
    if (existing.open)
      return `An orchestration instance '${instanceId}' exists already and is ${existing.open.status}.`;
    return replaceable === "None" ? `An orchestration instance '${instanceId}' exists already; it has ended.` : null;
  }

  /** When it resolves, the disk says so too. */
  async #isSoAlready(): Promise<SwitchResult> {
    await this.#engine.settled();
    return "is-so-already";
  }

  async #send(instanceId: string, event: (nowMs: number) => HubEvent): Promise<SendResult> {
    const sent = this.#engine.send(instanceId, event(this.#environment.nowMs()));
    if (sent !== null) {
      await sent;
      return "accepted";
    }
    await this.#engine.settled();
    return this.#store.instance(instanceId) ? "finished" : "not-found";
  }
}
