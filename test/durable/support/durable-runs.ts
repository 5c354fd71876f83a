import { onTestFinished } from "vitest";
import { readRun } from "../../../src/durable/found-run.ts";
import { registerDurableFunctions } from "../../../src/durable/register.ts";
import { createDurableRunner } from "../../../src/durable/runner.ts";
import type { Instances } from "../../../src/durable/sdk.ts";
import { type Catalog, defineCatalog } from "../../../src/graph/catalog.ts";
import type { WorkflowRunner } from "../../../src/graph/runner.ts";
import type { WorkflowNode } from "../../../src/graph/runtime.ts";
import type { AnyWorkflow } from "../../../src/graph/workflow.ts";
import { createTaskHub } from "../../../src/host/hub/create-task-hub.ts";
import type { HubEnvironment } from "../../../src/host/hub/environment.ts";
import type { FunctionInvoker, TaskHub } from "../../../src/host/hub/task-hub.ts";
import type { HistoryStore } from "../../../src/host/store/history-store.ts";
import { createMemoryStore } from "../../../src/host/store/memory.ts";
import type { WaitClock } from "../../../src/remote/poll.ts";
import type { Plan } from "../../../src/wire/plan.ts";
import type { RunEvent } from "../../../src/wire/run-event.ts";
import type { GenerationLimits } from "../../../src/wire/run-start.ts";
import { capturedFunctions } from "../../support/capture-functions.ts";
import { allEvents } from "./all-events.ts";
import { instancesOfHub } from "./hub-instances.ts";

export interface DurableRuns {
  readonly hub: TaskHub;
  readonly instances: Instances;
  readonly runner: WorkflowRunner;
  events(workflow: WorkflowNode, runId: string): Promise<RunEvent[]>;
  /** The run's state as its history tells it. */
  state(workflow: WorkflowNode, runId: string): ReturnType<typeof stateOf>;
}

interface Options {
  readonly schema?: 2 | 3;
  readonly recordedPlans?: readonly Plan[];
  readonly generationLimits?: GenerationLimits;
  readonly environment?: HubEnvironment;
  /** In memory and empty without it. */
  readonly store?: HistoryStore;
  /** Puts itself between hub and functions. */
  readonly around?: (functions: FunctionInvoker) => FunctionInvoker;
}

/** The real SDK over a task hub, serving these workflows until the test ends. */
export async function serveDurably(served: AnyWorkflow | Catalog, options: Options = {}): Promise<DurableRuns> {
  const catalog = "workflows" in served ? served : defineCatalog([served]);
  const reach = () => instances;
  registerDurableFunctions(catalog, options.recordedPlans ?? [], { instances: reach, clock: impatientClock });
  const { schema, environment, generationLimits, store, around = (functions) => functions } = options;
  const hub = createTaskHub({
    store: store ?? createMemoryStore(),
    ...(schema !== undefined && { schema }),
    ...(environment && { environment }),
  });
  const instances = instancesOfHub(hub);
  await hub.open(around(capturedFunctions()));
  onTestFinished(() => hub.close());
  return {
    hub,
    instances,
    runner: createDurableRunner(instances, { generationLimits }),
    events: (workflow, runId) => allEvents(instances, workflow, runId),
    state: (workflow, runId) => stateOf(instances, workflow, runId),
  };
}

/** Never waits for long: what is waited for comes without the clock. */
const impatientClock: WaitClock = {
  nowMs: () => 0,
  delay: () => new Promise((resolve) => setImmediate(resolve)),
};

async function stateOf(instances: Instances, workflow: WorkflowNode, runId: string) {
  return (await readRun(instances, workflow, runId)).state;
}

/** A door that stays shut until it is opened. */
export interface Gate {
  readonly passed: Promise<void>;
  open(): void;
}

export function createGate(): Gate {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}

/** The hub has timers of its own, so that a number of turns says nothing. */
const GIVE_UP_MS = 20_000;

/** Waits until something holds that no promise tells of. */
export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  const giveUpAt = performance.now() + GIVE_UP_MS;
  while (performance.now() < giveUpAt) {
    if (await holds()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error("What the test waits for did not come.");
}
