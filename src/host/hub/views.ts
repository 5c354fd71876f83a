import type { EntityRow, InstanceRow } from "../store/history-store.ts";
import { entityNameOf } from "./entities/entity-request.ts";
import type { EntityView, InstanceView } from "./task-hub.ts";

export function viewOf({
  instanceId,
  name,
  status,
  inputJson,
  customStatusJson,
  output,
  createdAtMs,
  updatedAtMs,
}: InstanceRow): InstanceView {
  return { instanceId, name, runtimeStatus: status, inputJson, customStatusJson, output, createdAtMs, updatedAtMs };
}

export function entityViewOf({ entityId, stateJson, updatedAtMs }: EntityRow): EntityView {
  const { name, key } = entityNameOf(entityId) ?? { name: entityId, key: "" };
  return { name, key, stateJson, updatedAtMs };
}
