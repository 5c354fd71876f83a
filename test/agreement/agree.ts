import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import type { RunEvent } from "../../src/index.ts";
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
  expectSame(journaled, inProcess, "in process with a journal, as in process");
  expectSameEvents(folded, inProcess.events, "folded from the journal, as it was told");
  const folds = new FoldCheck();
  const { workflow, ...durable } = await asOrchestration(drawn, { watch: folds.watch });
  expectSame(comparable(durable), inProcess, "as an orchestration, as in process");
  folds.check(workflow);
  return inProcess;
}

/**
 * Runs a drawn run with people who answer and cancel whenever they like, on each runner that records: what it recorded, folded
 * through the engine, gives what it told, times and ids and all. Runners need not agree then: each has its own order of things.
 */
export async function foldAsTold(drawn: DrawnRun): Promise<Told> {
  const { folded, events } = await withJournal(drawn, driveRestlessly);
  expectSameEvents(folded, events, "folded from the journal, as it was told");
  const folds = new FoldCheck();
  const { workflow, ...told } = await asOrchestration(drawn, { people: driveRestlessly, watch: folds.watch });
  checkEvents(told.events);
  folds.check(workflow);
  return told;
}

function expectSame(told: Told, inProcess: Told, what: string): void {
  expectSameEvents(told.events, inProcess.events, what);
  expect(told, what).toEqual(inProcess);
}

/** Thousands of events are too many to be shown: the first one that is another is what a reader wants. */
function expectSameEvents(told: readonly RunEvent[], expected: readonly RunEvent[], what: string): void {
  const place = told.findIndex((event, index) => !isDeepStrictEqual(event, expected[index]));
  if (place >= 0) expect(told[place], `${what}, event ${place + 1}`).toEqual(expected[place]);
  expect(told.length, `${what}, number of events`).toBe(expected.length);
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
