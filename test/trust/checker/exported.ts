import type { HistoryEvent } from "../../../src/host/hub/task-hub.ts";
import type {
  ActivityRow,
  EntityMessageRow,
  HistoryChunk,
  HistoryStore,
  InstanceRow,
  MessageRow,
  TimerRow,
} from "../../../src/host/store/history-store.ts";
import type { Plan } from "../../../src/wire/plan.ts";
import type { RecordedEvent } from "../../../src/wire/run-event.ts";
import type { RunState } from "../../../src/wire/run-state.ts";

/** All that a hub has on disk at one moment. */
export interface Exported {
  readonly instances: readonly ExportedInstance[];
  readonly messages: readonly MessageRow[];
  readonly activities: readonly ActivityRow[];
  readonly timers: readonly TimerRow[];
  readonly entityMessages: readonly EntityMessageRow[];
}

export interface ExportedInstance {
  readonly row: InstanceRow;
  readonly chunks: readonly HistoryChunk[];
  /** The run that the orchestration is, as its history tells it; missing for other orchestrations. */
  readonly run?: ExportedRun;
}

export interface ExportedRun {
  readonly plan: Plan;
  readonly state: RunState;
  readonly events: readonly RecordedEvent[];
}

export function exportOf(store: HistoryStore): Exported {
  return {
    instances: allInstances(store).map((row) => ({ row, chunks: store.history(row.key) })),
    messages: store.messages(),
    activities: store.activities(),
    timers: store.timers(),
    entityMessages: store.entityMessages(),
  };
}

function allInstances(store: HistoryStore): InstanceRow[] {
  const rows: InstanceRow[] = [];
  for (let token: string | null | undefined; token !== null; ) {
    const page = store.instances({ top: 500, ...(token !== undefined && { continuationToken: token }) });
    rows.push(...page.rows);
    token = page.continuationToken;
  }
  return rows;
}

export function eventsOf({ chunks }: ExportedInstance): HistoryEvent[] {
  return JSON.parse(`[${chunks.map(({ events }) => events).join(",")}]`) as HistoryEvent[];
}
