import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { EVENT } from "../../../src/host/hub/replay/replay-event.ts";
import { openSqliteStore } from "../../../src/host/store/sqlite.ts";
import { type HostProcess, startHostProcess } from "../../support/host-process.ts";
import type { Evidence, SeenCall } from "../checker/evidence.ts";
import { type Exported, type ExportedInstance, eventsOf, exportOf } from "../checker/exported.ts";
import { violationsIn } from "../checker/invariants.ts";
import { Customer } from "./customer.ts";
import { seededRandom } from "./seeded-random.ts";

const appDir = fileURLToPath(new URL("../app/", import.meta.url));
const CUSTOMERS = 8;
const MOST_ACKNOWLEDGEMENTS = 12;
const LONGEST_REST_MS = 50;

export interface KillReport {
  readonly kills: number;
  readonly acknowledged: number;
  /** Cut off by a kill: nobody knows whether they were recorded. */
  readonly unanswered: number;
  readonly runs: number;
  readonly calls: number;
  /** What does not hold, in words; empty when all is well. */
  readonly violations: readonly string[];
}

/**
 * Kills a host under load again and again, at some moment after an acknowledgement; then lets it finish, and compares what
 * is on disk with what its customers know.
 */
export async function killAgainAndAgain(options: {
  readonly kills: number;
  readonly seed: number;
}): Promise<KillReport> {
  const folder = mkdtempSync(join(tmpdir(), "durable-workflows-kills-"));
  const ledgerFile = join(folder, "ledger.txt");
  const dataDir = join(folder, "data");
  const open = () => startHostProcess({ appDir, dataDir, environment: { LEDGER_FILE: ledgerFile } });
  const random = seededRandom(options.seed);
  const customers = Array.from({ length: CUSTOMERS }, (_, index) => new Customer(`customer-${index}`));
  try {
    for (let kill = 0; kill < options.kills; kill += 1) await liveAndDie(await open(), customers, random);
    await finish(await open(), customers);
    const store = await openSqliteStore({ file: join(dataDir, "kills.sqlite") });
    const exported = exportOf(store);
    store.close();
    return reportOf(options.kills, exported, customers, readFileSync(ledgerFile, "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function liveAndDie(host: HostProcess, customers: readonly Customer[], random: () => number): Promise<void> {
  const acknowledgements = 1 + Math.floor(random() * MOST_ACKNOWLEDGEMENTS);
  const living = countdown(acknowledgements, (acknowledged) =>
    customers.map((one) => one.live(host.url, acknowledged)),
  );
  // A customer who is told something unexpected ends all of it.
  await Promise.race([living.isOver, Promise.all(living.lives)]);
  await delay(random() * LONGEST_REST_MS);
  await host.end("SIGKILL");
  await Promise.all(living.lives);
}

/** Resolves `isOver` when it was counted down. */
function countdown(from: number, begin: (count: () => void) => readonly Promise<void>[]) {
  let left = from;
  let over = (): void => {};
  const isOver = new Promise<void>((resolve) => {
    over = resolve;
  });
  const lives = begin(() => {
    left -= 1;
    if (left === 0) over();
  });
  return { isOver, lives };
}

async function finish(host: HostProcess, customers: readonly Customer[]): Promise<void> {
  await Promise.all(customers.map((customer) => customer.finish(host.url)));
  await host.end("SIGTERM");
}

function reportOf(kills: number, exported: Exported, customers: readonly Customer[], ledger: string): KillReport {
  const acknowledged = customers.flatMap((one) => one.acknowledged);
  const unanswered = customers.flatMap((one) => one.unanswered);
  const byId = new Map(exported.instances.map((instance) => [instance.row.instanceId, instance]));
  const notes = ledger.trimEnd().split("\n").map(noteOf);
  const evidence: Evidence = {
    acknowledged,
    unanswered,
    calls: notes.map((note) => seenCall(note, byId.get(note.runId))),
    crashes: kills,
    cutShort: new Set(),
    waiting: new Set(),
    // A port has no handler that could write into the ledger.
    unnoted: new Set(["dafx-Approval-Approve"]),
  };
  const outputs = customers.flatMap((one) => one.wrongEnds);
  const repeated = notes.filter((note) => isRepeated(note, byId.get(note.runId)));
  return {
    kills,
    acknowledged: acknowledged.length,
    unanswered: unanswered.length,
    runs: exported.instances.length,
    calls: notes.length,
    violations: [
      ...outputs,
      ...repeated.map(({ runId, executorId }) => `${runId}: ${executorId} was called after its outcome was recorded`),
      ...violationsIn(exported, evidence),
    ],
  };
}

interface Note {
  readonly atMs: number;
  readonly runId: string;
  readonly executorId: string;
}

function noteOf(line: string): Note {
  const [atMs, runId = "", executorId = ""] = line.split(" ");
  return { atMs: Number(atMs), runId, executorId };
}

/** Every executor of these workflows is called once in a run, so its name tells which task it was. */
function seenCall({ runId, executorId, atMs }: Note, instance: ExportedInstance | undefined): SeenCall {
  const name = `${instance?.row.name}-${executorId}`;
  const scheduled =
    instance && eventsOf(instance).find((event) => event.EventType === EVENT.taskScheduled && event.Name === name);
  const isScheduled = scheduled !== undefined && Date.parse(scheduled.Timestamp) <= atMs;
  return { instanceId: runId, name, inputJson: null, isScheduled };
}

function isRepeated({ executorId, atMs }: Note, instance: ExportedInstance | undefined): boolean {
  if (!instance) return true;
  const events = eventsOf(instance);
  const name = `${instance.row.name}-${executorId}`;
  const task = events.find((event) => event.EventType === EVENT.taskScheduled && event.Name === name)?.EventId;
  const outcome = events.find((event) => event.EventType === EVENT.taskCompleted && event.TaskScheduledId === task);
  return outcome !== undefined && Date.parse(outcome.Timestamp) < atMs;
}
