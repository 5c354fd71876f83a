/**
 * In order; the place in this list, counted from 1, is the schema version that the step leads to. Never edited.
 *
 * `trace` holds one row per run and commit. It grows at its end only and is read by run only when a run is loaded, so that
 * one commit for many runs touches few pages.
 */
export const MIGRATIONS: readonly string[] = [
  `
CREATE TABLE plans (
  fingerprint TEXT PRIMARY KEY,
  plan TEXT NOT NULL
) STRICT;

CREATE TABLE runs (
  key INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  workflow TEXT NOT NULL,
  plan TEXT NOT NULL,
  input TEXT NOT NULL,
  input_hash TEXT NOT NULL,
  seed TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  is_open INTEGER NOT NULL,
  forked_state TEXT
) STRICT;
CREATE INDEX open_runs ON runs (key) WHERE is_open = 1;

CREATE TABLE trace (
  row INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  entries TEXT NOT NULL
) STRICT;
CREATE INDEX trace_of_run ON trace (run);
`,
  // Checksums; see `trace-chain.ts`. What was written before has none.
  `
ALTER TABLE plans ADD COLUMN checksum INTEGER;
ALTER TABLE runs ADD COLUMN checksum INTEGER;
ALTER TABLE trace ADD COLUMN checksum INTEGER;
`,
];

export const WRITES = {
  begin: "BEGIN IMMEDIATE",
  commit: "COMMIT",
  addPlan: "INSERT OR IGNORE INTO plans (fingerprint, plan, checksum) VALUES (?, ?, ?)",
  addRun: `INSERT INTO runs (key, run_id, workflow, plan, input, input_hash, seed, started_at, is_open, forked_state, checksum)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  appendTrace: "INSERT INTO trace (run, entries, checksum) VALUES (?, ?, ?)",
  endRun: "UPDATE runs SET is_open = 0, checksum = ? WHERE key = ?",
  deleteRun: "DELETE FROM runs WHERE key = ?",
  deleteTrace: "DELETE FROM trace WHERE run = ?",
} as const;

const RUN_COLUMNS = `key, run_id AS "runId", workflow, plan, input AS "inputJson", input_hash AS "inputHash", seed,
  started_at AS "startedAtMs", is_open AS "isOpen", forked_state AS "forkedStateJson"`;

export const READS = {
  nextKey: `SELECT coalesce(max(key), 0) + 1 AS "nextKey" FROM runs`,
  run: `SELECT ${RUN_COLUMNS} FROM runs WHERE run_id = ?`,
  runWithChecksum: `SELECT ${RUN_COLUMNS}, checksum FROM runs WHERE key = ?`,
  openRuns: `SELECT ${RUN_COLUMNS} FROM runs WHERE is_open = 1 ORDER BY key`,
  plan: "SELECT plan, checksum FROM plans WHERE fingerprint = ?",
  trace: "SELECT entries, checksum FROM trace WHERE run = ? ORDER BY row",
} as const;

/** Plans of runs that are all deleted; looked for when the file is opened. */
export const DELETE_UNUSED_PLANS = "DELETE FROM plans WHERE fingerprint NOT IN (SELECT plan FROM runs)";
