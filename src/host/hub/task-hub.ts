/**
 * The seam between the three parts of the local host: `hub/` (history and decisions), `app/` (the loaded function app)
 * and `http/` (routes). `app/` gives the hub a {@link FunctionInvoker}; `hub/` gives the others a {@link TaskHub}.
 * The words are Durable Functions' own, since this folder knows instances and orchestrations, never workflows.
 */

export type RuntimeStatus =
  | "Pending"
  | "Running"
  | "Suspended"
  | "Completed"
  | "ContinuedAsNew"
  | "Failed"
  | "Canceled"
  | "Terminated";

/**
 * What an invocation of a function came to. `resultJson` is JSON text, or null where the function returned nothing.
 * `idsTaken`: how many ids an orchestrator's SDK has given to tasks, where that is known.
 */
export type InvocationResult = (
  | { readonly ok: true; readonly resultJson: string | null }
  | { readonly ok: false; readonly message: string; readonly stack: string }
) & { readonly idsTaken?: number };

/** The same, of an orchestrator: what it returned may come as it is, before anybody made JSON of it. */
export type OrchestratorResult = (
  | InvocationResult
  | { readonly ok: true; readonly returned: unknown; readonly idsTaken?: number }
) & {
  /** Missing where the next episode has to replay everything. */
  readonly session?: OrchestratorSession;
};

/** An orchestrator that was kept where it stands (an extended session). */
export interface OrchestratorSession {
  /**
   * Goes on with what was recorded since: its own decisions, then the events of one more episode. What comes back is what
   * the orchestrator would have answered to its whole history.
   *
   * @param events - in order, and as {@link OrchestrationTrigger.toValue} has them
   */
  resume(events: readonly object[]): Promise<OrchestratorResult>;
}

/** The orchestration trigger, in the two forms in which it can be handed over. */
export interface OrchestrationTrigger {
  /** As the extension sends it: history, input, schema versions … */
  readonly json: string;
  /** What the SDK makes of {@link json} before it calls the orchestrator; a new one each time, for its code may change it. */
  toValue(): object;
}

/** How the hub calls the functions of the loaded app. Names are matched without case. */
export interface FunctionInvoker {
  hasFunction(kind: "orchestration" | "activity" | "entity", name: string): boolean;
  invokeOrchestrator(name: string, trigger: OrchestrationTrigger, instanceId: string): Promise<OrchestratorResult>;
  /** @param inputJson - JSON text of the one input value; null when the activity was called without one */
  invokeActivity(name: string, inputJson: string | null, instanceId: string): Promise<InvocationResult>;
  /** @param triggerJson - the entity trigger as the extension sends it: the entity, its state, a batch of operations */
  invokeEntity(name: string, triggerJson: string, entityId: string): Promise<InvocationResult>;
}

/** One instance as the management API shows it. JSON values are JSON text; times are milliseconds since 1970. */
export interface InstanceView {
  readonly instanceId: string;
  readonly name: string;
  readonly runtimeStatus: RuntimeStatus;
  readonly inputJson: string | null;
  readonly customStatusJson: string | null;
  /** JSON text, or the plain text of a failure or of the reason for a termination. */
  readonly output: string | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** Why the host does not run it any more, though it is open; it can be terminated. */
  readonly quarantine?: string;
}

/** One row of an instance's history in the extension's own shape (PascalCase, `EventType` a number). */
export interface HistoryEvent {
  readonly EventType: number;
  readonly EventId: number;
  readonly Timestamp: string;
  readonly [field: string]: unknown;
}

export interface StartRequest {
  readonly name: string;
  /** 32 hex digits are made when it is left out. */
  readonly instanceId?: string;
  /** JSON text; null for none. */
  readonly inputJson: string | null;
  readonly version?: string;
  /** Refuses the start when any instance of this id exists, whatever the settings allow. */
  readonly keepExisting?: boolean;
}

export type StartResult =
  | { readonly ok: true; readonly instanceId: string }
  | { readonly ok: false; readonly reason: "unknown-function" | "invalid-id" | "exists"; readonly message: string };

/** `finished`: the instance has ended, so the message would have no effect (410 in the management API). */
export type SendResult = "accepted" | "not-found" | "finished";

/** `is-so-already`: it is suspended and was to be, or it is not and was to go on. */
export type SwitchResult = SendResult | "is-so-already";

/** `not-failed`: it has not ended, or not yet. */
export type RewindResult = SendResult | "not-failed";

export interface InstanceFilter {
  readonly runtimeStatus?: readonly RuntimeStatus[];
  readonly createdFromMs?: number;
  readonly createdToMs?: number;
  readonly instanceIdPrefix?: string;
  readonly top?: number;
  readonly continuationToken?: string;
}

export interface InstancePage {
  readonly instances: readonly InstanceView[];
  readonly continuationToken: string | null;
}

/** A durable entity as the management API shows it. */
export interface EntityView {
  /** In lower case. */
  readonly name: string;
  readonly key: string;
  /** JSON text; null when it has none, or when it was not asked for. */
  readonly stateJson: string | null;
  readonly updatedAtMs: number;
}

export interface EntityFilter {
  readonly name?: string;
  /** Time of the latest operation, both ends included. */
  readonly updatedFromMs?: number;
  readonly updatedToMs?: number;
  /** Without it the states are left out. */
  readonly withState?: boolean;
  readonly top?: number;
  readonly continuationToken?: string;
}

export interface EntityPage {
  readonly entities: readonly EntityView[];
  readonly continuationToken: string | null;
}

export interface SignalRequest {
  readonly name: string;
  readonly key: string;
  readonly operation: string;
  /** JSON text; null for none. */
  readonly inputJson: string | null;
}

/**
 * The task hub: what the Durable extension and its storage do. Every promise resolves only after what it reports is on
 * disk.
 */
export interface TaskHub {
  /** Takes up every open instance again: what was interrupted is dispatched anew. */
  open(invoker: FunctionInvoker): Promise<void>;
  start(request: StartRequest): Promise<StartResult>;
  get(instanceId: string): Promise<InstanceView | null>;
  history(instanceId: string): Promise<readonly HistoryEvent[] | null>;
  list(filter: InstanceFilter): Promise<InstancePage>;
  /** @param dataJson - JSON text of the event's data, null for none */
  raiseEvent(instanceId: string, eventName: string, dataJson: string | null): Promise<SendResult>;
  terminate(instanceId: string, reason: string): Promise<SendResult>;
  suspend(instanceId: string, reason: string): Promise<SwitchResult>;
  resume(instanceId: string, reason: string): Promise<SwitchResult>;
  /** Runs a failed instance again from its failures on, and its failed sub-orchestrations; for any other, says why not. */
  rewind(instanceId: string, reason: string): Promise<RewindResult>;
  /** Starts an instance of the same function and input: with an id of its own, or in the place of the one that ended. */
  restart(instanceId: string, withNewId: boolean): Promise<StartResult | null>;
  /** @returns how many instances were deleted; only ended ones are */
  purge(instanceId: string): Promise<number>;
  purgeBy(filter: InstanceFilter): Promise<number>;
  /** Null for one that does not exist: nothing has created it, or it was deleted. */
  entity(name: string, key: string): Promise<EntityView | null>;
  entities(filter: EntityFilter): Promise<EntityPage>;
  /** Sends an operation without waiting for it. */
  signalEntity(request: SignalRequest): Promise<"accepted" | "unknown-function">;
  /** Resolves when the instance has ended or the time is up; null for an unknown instance. */
  waitForEnd(instanceId: string, timeoutMs: number): Promise<InstanceView | null>;
  /**
   * The host stops: from now on no function of the app is called, and every wait for an end ends at once. What is in flight
   * is recorded when it ends; what is accepted meanwhile waits for the next start.
   */
  beginNoMore(): void;
  /** Stops taking up work, waits for what is being written, closes the store. Calls in flight are not waited for. */
  close(): Promise<void>;
}

/** Where the hub says what nobody asked for: warnings, and failures that no caller is told of. */
export type HubLog = (level: "information" | "warning" | "error", message: string) => void;

/** What `start` does when an instance of the id exists: replace an ended one, replace any, or never replace. */
export type OverridableStates = "NonRunningStates" | "AnyState" | "None";
