/** Every SQL text of the store. Columns read carry the names of the row types' fields. */
export const WRITES = {
  begin: "BEGIN IMMEDIATE",
  commit: "COMMIT",
  addInstance: `INSERT INTO instances (key, instance_id, execution_id, name, version, status, parent, input,
    custom_status, output, created_at, updated_at, history_checksum)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  changeInstance: `UPDATE instances SET status = ?, custom_status = ?, output = ?, updated_at = ?, history_checksum = ?
    WHERE key = ?`,
  beginGeneration: "UPDATE instances SET execution_id = ?, input = ?, created_at = ? WHERE key = ?",
  deleteInstance: "DELETE FROM instances WHERE key = ?",
  appendHistory: "INSERT INTO history (key, first_event, event_count, events, checksum) VALUES (?, ?, ?, ?, ?)",
  deleteHistory: "DELETE FROM history WHERE key = ?",
  addMessage: "INSERT INTO messages (seq, key, execution_id, event) VALUES (?, ?, ?, ?)",
  removeMessage: "DELETE FROM messages WHERE seq = ?",
  addActivity: `INSERT INTO activities (seq, key, instance_id, execution_id, task_id, name, input)
    VALUES (?, ?, ?, ?, ?, ?, ?)`,
  removeActivity: "DELETE FROM activities WHERE seq = ?",
  addTimer: "INSERT INTO timers (seq, key, execution_id, timer_id, fire_at) VALUES (?, ?, ?, ?, ?)",
  removeTimer: "DELETE FROM timers WHERE seq = ?",
  putEntity: "REPLACE INTO entities (entity_id, is_present, state, lock, updated_at) VALUES (?, ?, ?, ?, ?)",
  removeEntity: "DELETE FROM entities WHERE entity_id = ?",
  addEntityMessage: "INSERT INTO entity_messages (seq, entity_id, name, request) VALUES (?, ?, ?, ?)",
  removeEntityMessage: "DELETE FROM entity_messages WHERE seq = ?",
  putSchedule: "REPLACE INTO schedules (function_name, last, next, last_updated) VALUES (?, ?, ?, ?)",
} as const;

const OPEN_COLUMNS = "key, instance_id, execution_id, name, version, status, parent";
const COLUMNS = `${OPEN_COLUMNS}, input, custom_status, output, created_at, updated_at, history_checksum`;
const ENTITY = "entity_id, is_present, state, lock, updated_at";
const MESSAGE = `SELECT key, seq, execution_id AS "executionId", event FROM messages`;

export const READS = {
  counters: `SELECT (SELECT coalesce(max(key), 0) + 1 FROM instances) AS "nextKey",
    max((SELECT coalesce(max(seq), 0) FROM messages), (SELECT coalesce(max(seq), 0) FROM activities),
      (SELECT coalesce(max(seq), 0) FROM timers), (SELECT coalesce(max(seq), 0) FROM entity_messages))
      + 1 AS "nextSeq"`,
  instance: `SELECT ${COLUMNS} FROM instances WHERE instance_id = ?`,
  // char(1114111) is the last code point: the upper end of all ids that begin with the prefix.
  instances: `SELECT ${COLUMNS} FROM instances
    WHERE key < ?1 AND (?2 IS NULL OR status IN (SELECT value FROM json_each(?2)))
      AND created_at BETWEEN ?3 AND ?4
      AND (?5 = '' OR (instance_id >= ?5 AND instance_id < ?5 || char(1114111)))
    ORDER BY key DESC LIMIT ?6`,
  openInstances: `SELECT ${OPEN_COLUMNS} FROM instances
    WHERE status IN ('Pending', 'Running', 'Suspended', 'ContinuedAsNew') ORDER BY key`,
  history: `SELECT first_event AS "firstEvent", event_count AS "eventCount", events, checksum FROM history
    WHERE key = ? ORDER BY first_event`,
  messages: `${MESSAGE} ORDER BY seq`,
  messagesOfInstance: `${MESSAGE} WHERE key = ? ORDER BY seq`,
  activities: `SELECT key, seq, instance_id AS "instanceId", execution_id AS "executionId", task_id AS "taskId", name,
    input AS "inputJson" FROM activities ORDER BY seq`,
  timers: `SELECT key, seq, execution_id AS "executionId", timer_id AS "timerId", fire_at AS "fireAtMs" FROM timers
    ORDER BY seq`,
  entity: `SELECT ${ENTITY} FROM entities WHERE entity_id = ?`,
  entities: `SELECT entity_id, is_present, CASE WHEN ?5 THEN state END AS state, lock, updated_at FROM entities
    WHERE is_present = 1 AND entity_id > ?1
      AND (?2 = '' OR (entity_id >= ?2 AND entity_id < ?2 || char(1114111)))
      AND updated_at BETWEEN ?3 AND ?4
    ORDER BY entity_id LIMIT ?6`,
  lockedEntities: `SELECT ${ENTITY} FROM entities WHERE lock IS NOT NULL ORDER BY entity_id`,
  entityMessages: `SELECT seq, entity_id AS "entityId", name, request AS "requestJson" FROM entity_messages
    ORDER BY seq`,
  schedule: `SELECT last AS "lastMs", next AS "nextMs", last_updated AS "lastUpdatedMs" FROM schedules
    WHERE function_name = ?`,
} as const;
