import { z } from "zod";
import type { EntityRow, InstanceRow, OpenInstanceRow } from "./history-store.ts";

const runtimeStatus = z.enum([
  "Pending",
  "Running",
  "Suspended",
  "Completed",
  "ContinuedAsNew",
  "Failed",
  "Canceled",
  "Terminated",
]);
const parentLink = z.object({
  instanceId: z.string(),
  executionId: z.string(),
  name: z.string(),
  taskId: z.number(),
});
const openRow = z.object({
  key: z.number(),
  instance_id: z.string(),
  execution_id: z.string(),
  name: z.string(),
  version: z.string().nullable(),
  status: runtimeStatus,
  parent: z.string().nullable(),
});
const row = openRow.extend({
  input: z.string().nullable(),
  custom_status: z.string().nullable(),
  output: z.string().nullable(),
  created_at: z.number(),
  updated_at: z.number(),
  history_checksum: z.number().nullable(),
});

const entityLock = z.object({ requestId: z.string(), instanceId: z.string(), executionId: z.string() });

const entityRow = z.object({
  entity_id: z.string(),
  is_present: z.number(),
  state: z.string().nullable(),
  lock: z.string().nullable(),
  updated_at: z.number(),
});

export function entityOf(columns: Record<string, unknown>): EntityRow {
  const { entity_id, is_present, state, lock, updated_at } = entityRow.parse(columns);
  return {
    entityId: entity_id,
    exists: is_present === 1,
    stateJson: state,
    lock: lock === null ? null : entityLock.parse(JSON.parse(lock)),
    updatedAtMs: updated_at,
  };
}

export function openInstanceOf(columns: Record<string, unknown>): OpenInstanceRow {
  const { key, instance_id, execution_id, name, version, status, parent } = openRow.parse(columns);
  return {
    key,
    instanceId: instance_id,
    executionId: execution_id,
    name,
    version,
    status,
    parent: parent === null ? null : parentLink.parse(JSON.parse(parent)),
  };
}

export function instanceOf(columns: Record<string, unknown>): InstanceRow {
  const { input, custom_status, output, created_at, updated_at, history_checksum } = row.parse(columns);
  return {
    ...openInstanceOf(columns),
    inputJson: input,
    customStatusJson: custom_status,
    output,
    historyChecksum: history_checksum,
    createdAtMs: created_at,
    updatedAtMs: updated_at,
  };
}
