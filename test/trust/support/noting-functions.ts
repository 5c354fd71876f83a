import { EVENT } from "../../../src/host/hub/replay/replay-event.ts";
import type { FunctionInvoker, HistoryEvent } from "../../../src/host/hub/task-hub.ts";
import type { HistoryStore } from "../../../src/host/store/history-store.ts";
import type { SeenCall } from "../checker/evidence.ts";

/** Notes every call of an activity before it is made, and whether what asks for it is on disk by then. */
export function notingFunctions(functions: FunctionInvoker, store: HistoryStore, calls: SeenCall[]): FunctionInvoker {
  return {
    hasFunction: (kind, name) => functions.hasFunction(kind, name),
    invokeOrchestrator: (...call) => functions.invokeOrchestrator(...call),
    invokeEntity: (name, triggerJson, entityId) => functions.invokeEntity(name, triggerJson, entityId),
    invokeActivity(name, inputJson, instanceId) {
      calls.push({ instanceId, name, inputJson, isScheduled: isOnDisk(store, instanceId, name) });
      return functions.invokeActivity(name, inputJson, instanceId);
    },
  };
}

function isOnDisk(store: HistoryStore, instanceId: string, name: string): boolean {
  const row = store.instance(instanceId);
  const text = row ? store.history(row.key).map(({ events }) => events) : [];
  const events = JSON.parse(`[${text.join(",")}]`) as HistoryEvent[];
  return events.some((event) => event.EventType === EVENT.taskScheduled && event.Name === name);
}
