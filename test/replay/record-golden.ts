import { getRun } from "../../src/durable/client.ts";
import type { OrchestratorResult } from "../../src/host/hub/task-hub.ts";
import { orchestratorName } from "../../src/wire/durable-names.ts";
import { canonicalJson, sha256 } from "../../src/wire/json.ts";
import type { DrawnRun } from "../agreement/drawn-run.ts";
import { Features } from "../agreement/features.ts";
import { asOrchestration, inMemory, RUN_ID } from "../agreement/runners.ts";
import { allEvents } from "../durable/support/all-events.ts";
import { answerJsonOf, type OrchestratorCall } from "../support/capture-functions.ts";
import { byGeneration } from "../support/generations.ts";
import { type GoldenFile, type GoldenGeneration, notedInstances } from "./golden-file.ts";
import type { Scenario } from "./scenarios.ts";

const SEEDS = 2_000;

/** Runs a scenario as an orchestration, and keeps all that a later version has to make the same of. */
export function recordGolden(scenario: Scenario, schema: 2 | 3): Promise<GoldenFile> {
  return withoutStacks(async () => goldenOf(scenario.name, await seededRun(scenario), schema));
}

/** Errors of this library have stacks, too, and these hold paths of the machine: here they are one line long. */
async function withoutStacks<Result>(use: () => Promise<Result>): Promise<Result> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return await use();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

async function goldenOf(scenario: string, drawn: DrawnRun, schema: 2 | 3): Promise<GoldenFile> {
  const episodes: OrchestratorCall[] = [];
  let read: GoldenFile["read"] | undefined;
  await asOrchestration(drawn, {
    schema,
    watch: (call) => episodes.push(call),
    async ended(instances, workflow) {
      const noted = notedInstances(instances);
      const events = await allEvents(noted.instances, workflow, RUN_ID);
      const status = await getRun(noted.instances, workflow, RUN_ID);
      read = { calls: noted.calls, events, status };
    },
  });
  if (!read) throw new Error("The run was not read.");
  const orchestrator = orchestratorName("Drawn");
  return {
    format: 1,
    scenario,
    orchestrator,
    instanceId: RUN_ID,
    generations: byGeneration(episodes).map(generationOf),
    read,
  };
}

/** The first seed with which the scenario shows what it is to show. */
async function seededRun({ name, drawn, shows }: Scenario): Promise<DrawnRun> {
  for (let seed = 0; seed < SEEDS; seed++) {
    const run = { ...drawn, seed };
    const features = new Features();
    features.take(run, await inMemory(run));
    if (shows.every((feature) => features.countOf(feature) > 0)) return run;
  }
  throw new Error(`With none of ${SEEDS} seeds does scenario "${name}" show ${shows.join(", ")}.`);
}

function generationOf(calls: readonly OrchestratorCall[]): GoldenGeneration {
  const last = calls.at(-1) as OrchestratorCall;
  const { history, ...trigger } = last.trigger;
  const episodes = calls.map((call) => ({ length: call.trigger.history.length, answerHash: answerHash(call.result) }));
  return { trigger, history, episodes, answer: answerOf(last.result) };
}

/** The answer of an orchestrator: of one that fails, it stands behind a marker in the text of the error. */
export function answerOf(result: OrchestratorResult): unknown {
  if (result.ok) return JSON.parse(answerJsonOf(result));
  const [message, json] = result.message.split("$OutOfProcData$:");
  return { message, ...JSON.parse(json ?? "{}") };
}

export function answerHash(result: OrchestratorResult): string {
  return sha256(canonicalJson(answerOf(result) as Parameters<typeof canonicalJson>[0]));
}
