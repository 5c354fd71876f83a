import { vi } from "vitest";
import { readRun } from "../../../src/durable/found-run.ts";
import { parseFailureText } from "../../../src/durable/run-result.ts";
import { createTaskHub } from "../../../src/host/hub/create-task-hub.ts";
import type { InstanceView, TaskHub } from "../../../src/host/hub/task-hub.ts";
import type { HistoryStore } from "../../../src/host/store/history-store.ts";
import { catalog } from "../../conformance/workflows.ts";
import { instancesOfHub } from "../../durable/support/hub-instances.ts";
import { capturedFunctions } from "../../support/capture-functions.ts";
import { type Fault, type FaultyStore, faultyStore } from "../../support/faulty-store.ts";
import type { StorePlace } from "../../support/hub-harness.ts";
import type { Evidence, SeenCall } from "../checker/evidence.ts";
import { type Exported, exportOf } from "../checker/exported.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { notingFunctions } from "./noting-functions.ts";
import { type SimulatedEnvironment, simulatedEnvironment } from "./simulated-environment.ts";
import { User } from "./user.ts";

/** What became of a scenario. */
export interface Play {
  /** As the scenario writes them. */
  readonly ends: Readonly<Record<string, string>>;
  readonly entities: Readonly<Record<string, string>>;
  readonly exported: Exported;
  readonly evidence: Evidence;
  /** How many writes each commit of the last life held. */
  readonly commits: readonly number[];
}

/** Where a life of the hub ends: at the commit of this number in that life. */
export interface Crash {
  readonly at: number;
  readonly when: NonNullable<ReturnType<Fault>>;
}

const MOST_LOOKS = 40;
/** So that a timer of many legs costs no more than a minute of the clock. */
export const TIMERS = { longestTimerMs: 20_000, timerLegMs: 10_000 };

/** Plays a scenario to its end; the hub dies at each crash, and the next one finds what is on disk. */
export async function play(scenario: Scenario, place: StorePlace, crashes: readonly Crash[] = []): Promise<Play> {
  const environment = simulatedEnvironment();
  // Activities of workflows note their times by the system's clock.
  const clock = vi.spyOn(Date, "now").mockImplementation(() => environment.nowMs());
  try {
    const user = new User(scenario.wishes);
    const calls: SeenCall[] = [];
    let died = 0;
    for (const crash of [...crashes, null]) {
      const kept = await place.open();
      const store = faultyStore(kept, faultOf(crash));
      const hub = createTaskHub({ store, environment, ...TIMERS });
      await hub.open(notingFunctions(capturedFunctions(), kept, calls));
      const isOver = await goOn(scenario, hub, user, store, environment, crash);
      if (isOver) {
        const { acknowledged, unanswered } = user;
        const seen = { acknowledged, unanswered, calls, crashes: died };
        const report = await reportOf(scenario, hub, kept, seen, store);
        await close(hub, environment);
        return report;
      }
      await close(hub, environment);
      if (crash) died += 1;
    }
  } finally {
    clock.mockRestore();
  }
  throw new Error(`"${scenario.name}" did not come to its end.`);
}

async function close(hub: TaskHub, environment: SimulatedEnvironment): Promise<void> {
  const closed = hub.close();
  await environment.settle();
  await closed;
}

function faultOf(crash: Crash | null): Fault {
  // A dead process writes nothing more.
  return (commit) => (crash && commit >= crash.at ? (commit === crash.at ? crash.when : "before") : null);
}

async function goOn(
  { lookMs = 1_500, ends }: Scenario,
  hub: TaskHub,
  user: User,
  store: FaultyStore,
  environment: SimulatedEnvironment,
  crash: Crash | null,
): Promise<boolean> {
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    await user.send(hub, environment);
    await environment.advance(lookMs);
    if (crash && store.commits >= crash.at) return false;
    if (user.isContent && (await isOver(hub, Object.keys(ends)))) return true;
  }
  return false;
}

async function isOver(hub: TaskHub, instanceIds: readonly string[]): Promise<boolean> {
  for (const instanceId of instanceIds) {
    const view = await hub.get(instanceId);
    if (view && !["Completed", "Failed", "Terminated"].includes(view.runtimeStatus)) return false;
  }
  return true;
}

async function reportOf(
  scenario: Scenario,
  hub: TaskHub,
  kept: HistoryStore,
  seen: Pick<Evidence, "acknowledged" | "unanswered" | "calls" | "crashes">,
  { batches }: FaultyStore,
): Promise<Play> {
  const ends: Record<string, string> = {};
  for (const instanceId of Object.keys(scenario.ends)) ends[instanceId] = endOf(await hub.get(instanceId));
  const entities: Record<string, string> = {};
  for (const path of Object.keys(scenario.entities ?? {})) {
    const [name = "", key = ""] = path.split("/");
    entities[path] = (await hub.entity(name, key))?.stateJson ?? "gone";
  }
  const exported = await withRuns(exportOf(kept), hub);
  const cutShort = new Set(scenario.cutShort ?? []);
  const evidence = { ...seen, cutShort, unnoted: new Set<string>(), waiting: new Set<string>() };
  return { ends, entities, exported, evidence, commits: batches.map(({ length }) => length) };
}

function endOf(view: InstanceView | null): string {
  if (!view) return "gone";
  const code = parseFailureText(view.output ?? "")?.error?.code;
  const [firstLine = ""] = String(view.output).split(/\s*\n/, 1);
  return code === undefined ? `${view.runtimeStatus} ${firstLine}` : `${view.runtimeStatus} with ${code}`;
}

/** Adds to each orchestration of a workflow the run that its history tells. */
async function withRuns(exported: Exported, hub: TaskHub): Promise<Exported> {
  const instances = await Promise.all(
    exported.instances.map(async (instance) => {
      const { name, instanceId } = instance.row;
      const workflow = catalog.find(name.replace(/^dafx-/, ""));
      if (!workflow) return instance;
      const { plan, state, events } = await readRun(instancesOfHub(hub), workflow, instanceId);
      return { ...instance, run: { plan, state, events } };
    }),
  );
  return { ...exported, instances };
}
