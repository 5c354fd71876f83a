import { expect } from "vitest";
import { customStatusOf } from "../../src/durable/custom-status.ts";
import { ownStart } from "../../src/durable/own-start.ts";
import { foldRun } from "../../src/durable/run-fold.ts";
import { type HistoryFact, parseHistory } from "../../src/durable/run-history.ts";
import type { WorkflowNode } from "../../src/graph/runtime.ts";
import { renderHistoryEvents } from "../../src/host/hub/render-history-events.ts";
import type { HistoryEvent } from "../../src/host/hub/task-hub.ts";
import { ARCHIVE_ACTIVITY } from "../../src/wire/durable-names.ts";
import type { RunStart } from "../../src/wire/run-start.ts";
import type { CustomStatus } from "../../src/wire/status.ts";
import { answerJsonOf, type OrchestratorCall } from "../support/capture-functions.ts";
import { byGeneration } from "../support/generations.ts";
import type { DrawnRun } from "./drawn-run.ts";
import { driveRestlessly } from "./drive.ts";
import { checkEvents } from "./invariants.ts";
import { asOrchestration, inMemory, RUN_ID, type Told, withJournal } from "./runners.ts";

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
  const episodes: OrchestratorCall[] = [];
  const { workflow, ...durable } = await asOrchestration(drawn, { watch: (call) => episodes.push(call) });
  expect(comparable(durable), "as an orchestration, as in process").toEqual(inProcess);
  checkFolds(workflow, episodes);
  return inProcess;
}

/**
 * Runs a drawn run with people who answer and cancel whenever they like, on each runner that records: what it recorded, folded
 * through the engine, gives what it told, times and ids and all. Runners need not agree then: each has its own order of things.
 */
export async function foldAsTold(drawn: DrawnRun): Promise<Told> {
  const { folded, events } = await withJournal(drawn, driveRestlessly);
  expect(folded, "folded from the journal, as it was told").toEqual(events);
  const episodes: OrchestratorCall[] = [];
  const people = driveRestlessly;
  const { workflow, ...told } = await asOrchestration(drawn, { people, watch: (call) => episodes.push(call) });
  checkEvents(told.events);
  checkFolds(workflow, episodes);
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

const MAX_FOLDS = 12;

/** From the history of an episode comes the very state that the orchestrator published at its end. */
function checkFolds(workflow: WorkflowNode, all: readonly OrchestratorCall[]): void {
  // With the last episode of a generation its history is gone, and what came in it is carried over: nobody ever reads it.
  const episodes = byGeneration(all).flatMap((generation, place, { length }) =>
    place < length - 1 ? generation.slice(0, -1) : generation,
  );
  const stride = Math.ceil(episodes.length / MAX_FOLDS);
  for (const { trigger, result } of episodes.filter((_episode, place) => place % stride === 0)) {
    const published = publishedIn(result);
    if (!published) continue;
    const { state } = foldOf(trigger.history as unknown as HistoryEvent[], answerJsonOf(result));
    const { generation, createdAtMs } = published;
    const folded = customStatusOf(workflow.plan, state, { generation, createdAtMs });
    expect(folded, "folded from the history, as the orchestrator published it").toEqual(published);
  }
}

function publishedIn(result: OrchestratorCall["result"]): CustomStatus | undefined {
  return JSON.parse(answerJsonOf(result)).customStatus;
}

function foldOf(history: readonly HistoryEvent[], answerJson: string) {
  const started = history.find((event) => "Input" in event && "Name" in event) as { Input?: string } | undefined;
  const start = ownStart(JSON.parse(started?.Input ?? "null") as RunStart, RUN_ID);
  const facts = parseHistory(renderHistoryEvents(history, { showHistoryOutput: true, showInput: true }));
  // The hub writes down what an episode asks for together with its status; the history that the episode had ends before that.
  const isAsking = archivesIn(answerJson) > archivesIn(JSON.stringify(history.filter((event) => "Name" in event)));
  const asked: HistoryFact[] = isAsking
    ? [{ kind: "archiving", atMs: Date.parse(String(history.at(-1)?.Timestamp)) }]
    : [];
  return foldRun({ runId: RUN_ID, start, createdAtMs: 0, facts: [...facts, ...asked] });
}

/** How often the archive was called by then. */
function archivesIn(json: string): number {
  return json.split(`"${ARCHIVE_ACTIVITY}"`).length - 1;
}
