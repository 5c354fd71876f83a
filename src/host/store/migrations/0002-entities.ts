/**
 * `entities` holds what each durable entity knows and who has locked it; `entity_messages` what it was sent and has not
 * taken in. One that was deleted keeps a row only while it is locked.
 */
export const entities = `
CREATE TABLE entities (
  entity_id TEXT PRIMARY KEY,
  is_present INTEGER NOT NULL,
  state TEXT,
  lock TEXT,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX locked_entities ON entities (entity_id) WHERE lock IS NOT NULL;

CREATE TABLE entity_messages (
  seq INTEGER PRIMARY KEY,
  entity_id TEXT NOT NULL,
  name TEXT NOT NULL,
  request TEXT NOT NULL
) STRICT;
`;
