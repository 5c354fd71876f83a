import { ACTION, type Action, plainAction } from "./answer.ts";
import { Deferred, settled, whenAll, whenAny } from "./deferred.ts";
import { EntityActions } from "./entity-actions.ts";
import { malformed, text } from "./fields.ts";
import { callHttp, HTTP_ACTIVITY } from "./http-action.ts";
import { jsonOrNull } from "./json-or-null.ts";
import type { ReplayContext } from "./replay-context.ts";
import { ReplayFailure } from "./replay-failure.ts";
import { callWithRetry, readRetryOptions } from "./retry.ts";
import type { Trap } from "./traps.ts";

export type FunctionKind = "orchestration" | "activity" | "entity";

/** What starting an action needs to know of the instance and its host. */
export interface ReplaySettings {
  readonly instanceId: string;
  readonly parentInstanceId: string | null;
  readonly isRegistered: (kind: FunctionKind, name: string) => boolean;
  /** What is wrong with an instance id, or null. */
  readonly problemOfInstanceId: (instanceId: string) => string | null;
  /** Longer timers are split into legs of `timerLegMs`. */
  readonly longestTimerMs: number;
  readonly timerLegMs: number;
  readonly maxActions: number;
  /** How long `callHttp` waits between polls when the answer does not say. */
  readonly httpPollMs: number;
  /** The orchestration does what the SDK and the extension take differently; told in every replay. */
  readonly trapped: (trap: Trap) => void;
}

/** Turns actions into calls on the replay context, in the order of the list, depth first. */
export class ActionStarter {
  readonly #context: ReplayContext;
  readonly #settings: ReplaySettings;
  readonly #entities: EntityActions;
  #started = 0;
  /** Timers that were not cancelled when they started. The SDK marks an action when its timer is cancelled later. */
  #timers: { readonly action: Action; readonly timer: Deferred }[] = [];

  constructor(context: ReplayContext, settings: ReplaySettings) {
    this.#context = context;
    this.#settings = settings;
    this.#entities = new EntityActions(context, settings.instanceId, (name) => {
      this.#count();
      this.#requireRegistered("entity", name);
    });
  }

  /** A timer that was started has been cancelled since: it should have been started as a cancelled one. */
  get hasCancelledTimers(): boolean {
    this.#timers = this.#timers.filter(({ timer }) => !timer.isSettled);
    return this.#timers.some(({ action }) => action.isCanceled === true);
  }

  /** @throws {ReplayFailure} for an action that cannot be started */
  start(asked: Action): Deferred {
    const action = plainAction(asked);
    if (action?.actionType !== ACTION.createTimer) return this.#start(action);
    const timer = this.#start(action);
    if (action.isCanceled !== true) this.#timers.push({ action: asked, timer });
    return timer;
  }

  #start(action: Action): Deferred {
    switch (action?.actionType) {
      case ACTION.callActivity:
        return this.#activity(action)();
      case ACTION.callActivityWithRetry:
        return this.#withRetry(action, this.#activity(action));
      case ACTION.callSubOrchestrator:
        return this.#subOrchestration(action)();
      case ACTION.callSubOrchestratorWithRetry:
        return this.#withRetry(action, this.#subOrchestration(action));
      case ACTION.continueAsNew:
        return this.#continueAsNew(action);
      case ACTION.createTimer:
        return this.#timer(action);
      case ACTION.waitForExternalEvent:
        return this.#context.events.wait(text(action, "externalEventName"), () => this.#settings.trapped("eventCase"));
      case ACTION.callHttp:
        return this.#http(action);
      case ACTION.callEntity:
        return this.#entities.call(action);
      case ACTION.signalEntity:
        return this.#entities.signal(action);
      case ACTION.lockEntities:
        return this.#entities.lock(action);
      case ACTION.releaseEntities:
        return this.releaseLocks();
      case ACTION.whenAny:
        return this.#any(action);
      case ACTION.whenAll:
        return this.#all(action);
      default:
        throw new ReplayFailure(notSupported(action?.actionType));
    }
  }

  #continueAsNew({ input }: Action): Deferred {
    if (typeof input === "string") this.#settings.trapped("textQuoted");
    if (this.#context.events.hasEarly) this.#settings.trapped("eventsDropped");
    this.#context.nextGeneration = { inputJson: jsonOrNull(input), carriedOver: [] };
    return settled();
  }

  /** Ends the critical section that is open, if one is. */
  releaseLocks(): Deferred {
    return this.#entities.release();
  }

  #any(action: Action): Deferred {
    const members = this.#members(action);
    const any = whenAny(members);
    any.follow(() => {
      if (members.some((member, place) => !member.isSettled && isRetry(action, place)))
        this.#settings.trapped("retryInAny");
    });
    return any;
  }

  #all(action: Action): Deferred {
    const members = this.#members(action);
    for (const member of members) {
      member.follow(() => {
        if (!member.hasFailed) return;
        const open = [...members.keys()].filter((place) => !members[place]?.isSettled);
        if (open.some((place) => isRetry(action, place))) this.#settings.trapped("retryInAll");
        else if (open.length > 0) this.#settings.trapped("failureInAll");
      });
    }
    return whenAll(members);
  }

  #members(action: Action): Deferred[] {
    const members = action.compoundActions;
    if (!Array.isArray(members)) throw malformed(action, "compoundActions");
    return members.map((member: Action) => this.start(member));
  }

  #withRetry(action: Action, call: () => Deferred): Deferred {
    const options = readRetryOptions(action, this.#settings.longestTimerMs);
    return callWithRetry(this.#context, options, call, () => this.#settings.trapped("retryTimeout"));
  }

  #activity(action: Action): () => Deferred {
    const name = text(action, "functionName");
    this.#count();
    this.#requireRegistered("activity", name);
    return () => this.#context.scheduleActivity(name, () => jsonOrNull(action.input));
  }

  #subOrchestration(action: Action): () => Deferred {
    const name = text(action, "functionName");
    const { instanceId, version } = action;
    this.#count();
    this.#requireRegistered("orchestration", name);
    const childId = typeof instanceId === "string" && instanceId.trim() !== "" ? instanceId : null;
    if (childId !== null) this.#requireUsableChildId(childId);
    const call = { name, instanceId: childId, version: typeof version === "string" ? version : null };
    return () => this.#context.createSubOrchestration(call, () => jsonOrNull(action.input));
  }

  #http(action: Action): Deferred {
    const schedule = (inputJson: string): Deferred => {
      this.#count();
      return this.#context.scheduleActivity(HTTP_ACTIVITY, () => inputJson);
    };
    const { httpPollMs, trapped } = this.#settings;
    return callHttp(this.#context, action, {
      schedule,
      pollMs: httpPollMs,
      idsHaveParted: () => trapped("pollNumbering"),
    });
  }

  #timer(action: Action): Deferred {
    const fireAtMs = Date.parse(text(action, "fireAt"));
    if (Number.isNaN(fireAtMs)) throw malformed(action, "fireAt");
    const isCancelled = action.isCanceled === true;
    if (fireAtMs - this.#context.nowMs > this.#settings.longestTimerMs) return this.#longTimer(fireAtMs, isCancelled);
    this.#count();
    return this.#context.createTimer(fireAtMs, isCancelled);
  }

  /** Legs one after the other, the last one shorter; each is a timer of its own in the history. */
  #longTimer(fireAtMs: number, isCancelled: boolean): Deferred {
    if (isCancelled) this.#settings.trapped("longTimerCancelled");
    const whole = new Deferred();
    const leg = (): void => {
      this.#count();
      const legFireAtMs = Math.min(fireAtMs, this.#context.nowMs + this.#settings.timerLegMs);
      this.#context.createTimer(legFireAtMs, isCancelled).follow((timer) => {
        if (timer.hasFailed) whole.settle("failed");
        else if (this.#context.nowMs >= fireAtMs) whole.settle("succeeded");
        else leg();
      });
    };
    leg();
    return whole;
  }

  #count(): void {
    this.#started += 1;
    if (this.#started > this.#settings.maxActions) {
      throw new ReplayFailure(
        `The orchestrator asked for more than ${this.#settings.maxActions} actions in one generation ` +
          "(host.json, maxOrchestrationActions). Use continueAsNew in long loops.",
      );
    }
  }

  #requireRegistered(kind: FunctionKind, name: string): void {
    if (this.#settings.isRegistered(kind, name)) return;
    throw new ReplayFailure(
      `There is no ${kind === "orchestration" ? "orchestrator" : kind} function '${name}' in this app. ` +
        "On Azure this instance would stay Running for ever instead of failing.",
    );
  }

  #requireUsableChildId(childId: string): void {
    const { instanceId, parentInstanceId, problemOfInstanceId } = this.#settings;
    const lower = childId.toLowerCase();
    const isOwn = lower === instanceId.toLowerCase() || lower === parentInstanceId?.toLowerCase();
    const problem = isOwn ? "it is the id of the parent or of the parent's parent" : problemOfInstanceId(childId);
    if (problem === null) return;
    throw new ReplayFailure(
      `The sub-orchestration's instance id '${childId}' cannot be used: ${problem}. ` +
        "On Azure this instance would stay Running for ever instead of failing.",
    );
  }
}

const RETRIES: readonly number[] = [ACTION.callActivityWithRetry, ACTION.callSubOrchestratorWithRetry];

function isRetry({ compoundActions }: Action, place: number): boolean {
  return RETRIES.includes((compoundActions as Action[])[place]?.actionType ?? -1);
}

const NAMES = new Map<number, string>(Object.entries(ACTION).map(([name, number]) => [number, name]));

function notSupported(actionType: number | undefined): string {
  const name = NAMES.get(actionType ?? -1);
  return name === undefined
    ? `The orchestrator asked for an action of the unknown type ${actionType}.`
    : `The orchestrator asked for "${name}", which this local host does not support yet; the real Functions host does.`;
}
