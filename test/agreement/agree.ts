import { expect } from "vitest";
import type { DrawnRun } from "./drawn-run.ts";
import { driveRestlessly } from "./drive.ts";
import { FoldCheck } from "./fold-check.ts";
import { checkEvents } from "./invariants.ts";
import { asOrchestration, inMemory, type Told, withJournal } from "./runners.ts";

/**
 * Runs a drawn run on every runner, and compares what they tell: with scripted outcomes, and outside input only when nothing
 * else is left to do, all runners give the same run events; and what a runner recorded, folded through the engine, gives what
 * it told. Ids are the same here, too, since all have one seed, and so is how long everything takes; but an orchestration wakes
 * up for timers that nobody waits for any more, so what happens later may happen later by these.
 *
 * @returns what they all told
 */
export async function agree(drawn: DrawnRun): Promise<Told> {
  const inProcess = comparable(await inMemory(drawn));
  const { folded, ...journaled } = comparable(await withJournal(drawn));
  checkEvents(inProcess.events);
  expect(journaled, "in process with a journal, as in process").toEqual(inProcess);
  expect(folded, "folded from the journal, as it was told").toEqual(inProcess.events);
  const folds = new FoldCheck();
  const { workflow, ...durable } = await asOrchestration(drawn, { watch: folds.watch });
  expect(comparable(durable), "as an orchestration, as in process").toEqual(inProcess);
  folds.check(workflow);
  return inProcess;
}

/**
 * Runs a drawn run with people who answer and cancel whenever they like, on each runner that records: what it recorded, folded
 * through the engine, gives what it told, times and ids and all. Runners need not agree then: each has its own order of things.
 */
export async function foldAsTold(drawn: DrawnRun): Promise<Told> {
  const { folded, events } = await withJournal(drawn, driveRestlessly);
  expect(folded, "folded from the journal, as it was told").toEqual(events);
  const folds = new FoldCheck();
  const { workflow, ...told } = await asOrchestration(drawn, { people: driveRestlessly, watch: folds.watch });
  checkEvents(told.events);
  folds.check(workflow);
  return told;
}

/**
 * Without what is the runner's own: where it stood when it made an error, and when things happened. How long a call is put off
 * stays.
 */
function comparable<Value extends Told>(told: Value): Value {
  return JSON.parse(JSON.stringify(told, (key, value) => (OWN.has(key) ? undefined : withDelay(value))));
}

const OWN = new Set(["stack", "at", "durationMs", "createdAt", "updatedAt"]);

function withDelay(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("at" in value) || !("nextAttemptAt" in value)) return value;
  return { ...value, nextAttemptAt: Date.parse(String(value.nextAttemptAt)) - Date.parse(String(value.at)) };
}
