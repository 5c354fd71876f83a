import type { HostSettings } from "./app/settings.ts";
import type { HttpLimits } from "./http/limits.ts";
import { createTaskHub } from "./hub/create-task-hub.ts";
import { type RenderOptions, renderHistoryEvents } from "./hub/render-history-events.ts";
import type { TaskHub } from "./hub/task-hub.ts";
import type { WriteLog } from "./log.ts";
import { openSqliteStore } from "./store/sqlite.ts";
import { storeFile } from "./store-file.ts";
import type { ScheduleStore } from "./timers/schedule-status.ts";

interface OpenHubOptions {
  readonly dataDir: string;
  readonly settings: HostSettings;
  readonly limits: Pick<HttpLimits, "maxWaitingInstances">;
  readonly write: WriteLog;
}

export interface HubParts {
  readonly hub: TaskHub;
  /** @returns JSON text of an instance's history as the API shows it; null for an unknown instance */
  readonly historyJson: (instanceId: string, options: RenderOptions) => Promise<string | null>;
  readonly schedules: ScheduleStore;
  /** @returns text of the file that holds a run. @throws {WorkflowError} `RUN_NOT_FOUND`, `EXPORT_REFUSED`, `HISTORY_DAMAGED` */
  readonly runFile: (runId: string) => Promise<string>;
}

export type OpenHub = (options: OpenHubOptions) => Promise<HubParts>;

/** @throws {WorkflowError} `STORE_IN_USE`, `STORE_UNREADABLE` */
export const openSqliteHub: OpenHub = async ({ dataDir, settings, limits, write }) => {
  const { maxConcurrentActivities, maxConcurrentOrchestrators, maxConcurrentEntities, maxActions } = settings;
  const { overridableStates, hubName, storesInputs, maxEntityBatchSize, httpPollMs, defaultVersion } = settings;
  const store = await openSqliteStore({ file: storeFile(dataDir, hubName) });
  const hub = createTaskHub({
    store,
    overridableStates,
    log: write,
    ...(maxConcurrentActivities === null ? {} : { activityConcurrency: maxConcurrentActivities }),
    ...(maxConcurrentOrchestrators === null ? {} : { orchestratorConcurrency: maxConcurrentOrchestrators }),
    ...(maxConcurrentEntities === null ? {} : { entityConcurrency: maxConcurrentEntities }),
    ...(maxEntityBatchSize === null ? {} : { entityBatchSize: maxEntityBatchSize }),
    ...(maxActions === null ? {} : { maxActions }),
    ...(httpPollMs === null ? {} : { httpPollMs }),
    ...(defaultVersion === null ? {} : { defaultVersion }),
    storesInputs,
    maxWaiting: limits.maxWaitingInstances,
  });
  return {
    hub,
    async historyJson(instanceId, options) {
      const events = await hub.history(instanceId);
      return events && JSON.stringify(renderHistoryEvents(events, options));
    },
    async runFile(runId) {
      // Seldom needed, so not loaded at the start.
      const [{ exportRun }, { writeRunFile }] = await Promise.all([
        import("./transfer/export-run.ts"),
        import("./transfer/run-file.ts"),
      ]);
      // In one turn of the event loop, so between two commits: what a host would find that starts now.
      return writeRunFile(exportRun(store, runId).content);
    },
    schedules: {
      read: (functionName) => store.schedule(functionName),
      write: (functionName, status) => store.commit([{ kind: "putSchedule", functionName, status }]),
    },
  };
};
