/**
 * `history` holds one row per episode: the texts of its events joined by commas, ready to be put into the next trigger.
 * It and the work tables grow at their end and are read by instance only when an instance is loaded, so that one commit
 * for many instances touches few pages.
 */
export const initialSchema = `
CREATE TABLE instances (
  key INTEGER PRIMARY KEY,
  instance_id TEXT NOT NULL UNIQUE,
  execution_id TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT,
  status TEXT NOT NULL,
  parent TEXT,
  input TEXT,
  custom_status TEXT,
  output TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX open_instances ON instances (key) WHERE status IN ('Pending', 'Running', 'Suspended', 'ContinuedAsNew');

CREATE TABLE history (
  row INTEGER PRIMARY KEY,
  key INTEGER NOT NULL,
  first_event INTEGER NOT NULL,
  event_count INTEGER NOT NULL,
  events TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX history_of_instance ON history (key, first_event);

CREATE TABLE messages (
  seq INTEGER PRIMARY KEY,
  key INTEGER NOT NULL,
  execution_id TEXT,
  event TEXT NOT NULL
) STRICT;

CREATE TABLE activities (
  seq INTEGER PRIMARY KEY,
  key INTEGER NOT NULL,
  instance_id TEXT NOT NULL,
  execution_id TEXT NOT NULL,
  task_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  input TEXT
) STRICT;

CREATE TABLE timers (
  seq INTEGER PRIMARY KEY,
  key INTEGER NOT NULL,
  execution_id TEXT NOT NULL,
  timer_id INTEGER NOT NULL,
  fire_at INTEGER NOT NULL
) STRICT;
`;
