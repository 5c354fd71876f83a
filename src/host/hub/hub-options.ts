import { availableParallelism } from "node:os";
import type { HistoryStore } from "../store/history-store.ts";
import type { HubEngineOptions } from "./engine.ts";
import { type HubEnvironment, systemEnvironment } from "./environment.ts";
import { problemOfInstanceId } from "./names.ts";
import type { HubLog, OverridableStates } from "./task-hub.ts";
import { trapLog } from "./trap-log.ts";

export interface TaskHubOptions {
  readonly store: HistoryStore;
  /** Clock, ids and scheduling; those of the system unless given. */
  readonly environment?: HubEnvironment;
  /** How many activities run at once; 10 for each core unless given, as in the extension. */
  readonly activityConcurrency?: number;
  /** How many orchestrators are called at once; 10 for each core unless given. */
  readonly orchestratorConcurrency?: number;
  /** How many entities run at once; 10 for each core unless given. */
  readonly entityConcurrency?: number;
  /** What the trigger says as `upperSchemaVersionNew`: 2 (replay schema V3) or 3 (V4, the default). */
  readonly schema?: 2 | 3;
  readonly overridableStates?: OverridableStates;
  /** Timers longer than this are split into legs of `timerLegMs`; 6 days and 3 days, as on Azure Storage. */
  readonly longestTimerMs?: number;
  readonly timerLegMs?: number;
  /** How many actions one generation of an orchestration may ask for; 100,000. */
  readonly maxActions?: number;
  /** How many operations one call of an entity function gets at most; 5,000. */
  readonly entityBatchSize?: number;
  /** Keeps the inputs of activities and sub-orchestrations in the history, too. */
  readonly storesInputs?: boolean;
  /** The version of an orchestration that is started without one. */
  readonly defaultVersion?: string;
  /** How long `callHttp` waits between polls when the answer does not say; 30 s. */
  readonly httpPollMs?: number;
  /** How many instances may wait for their turn, and how many events one of them may have to take in; 10,000. */
  readonly maxWaiting?: number;
  /** About how many bytes of histories stay in memory between episodes; 16 MiB. */
  readonly historyCacheBytes?: number;
  readonly log?: HubLog;
}

const DAY_MS = 86_400_000;

/** The options of the engine, with the defaults of the extension. @param ended - an instance's end is on disk */
export function engineOptionsOf(options: TaskHubOptions, ended: (instanceId: string) => void): HubEngineOptions {
  const perCore = 10 * availableParallelism();
  const log = options.log ?? (() => {});
  return {
    store: options.store,
    environment: options.environment ?? systemEnvironment,
    overridable: options.overridableStates ?? "NonRunningStates",
    activityConcurrency: options.activityConcurrency ?? perCore,
    orchestratorConcurrency: options.orchestratorConcurrency ?? perCore,
    entityConcurrency: options.entityConcurrency ?? perCore,
    entityBatchSize: options.entityBatchSize ?? 5_000,
    historyCacheBytes: options.historyCacheBytes ?? 16 * 2 ** 20,
    storesInputs: options.storesInputs ?? false,
    defaultVersion: options.defaultVersion ?? "",
    episodes: {
      schema: options.schema ?? 3,
      longestTimerMs: options.longestTimerMs ?? 6 * DAY_MS,
      timerLegMs: options.timerLegMs ?? 3 * DAY_MS,
      maxActions: options.maxActions ?? 100_000,
      httpPollMs: options.httpPollMs ?? 30_000,
      problemOfInstanceId,
      trapped: trapLog(log),
    },
    log,
    ended,
  };
}
