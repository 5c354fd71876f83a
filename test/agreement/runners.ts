import { vi } from "vitest";
import { answerData, answerEvent } from "../../src/durable/mail.ts";
import { registerDurableFunctions } from "../../src/durable/register.ts";
import { createDurableRunner } from "../../src/durable/runner.ts";
import type { Instances } from "../../src/durable/sdk.ts";
import { checkResponse } from "../../src/engine/invoke/check-value.ts";
import { defineCatalog } from "../../src/graph/catalog.ts";
import { workflowAt } from "../../src/graph/nested.ts";
import type { PortNode, WorkflowNode } from "../../src/graph/runtime.ts";
import type { Workflow } from "../../src/graph/workflow.ts";
import { createTaskHub } from "../../src/host/hub/create-task-hub.ts";
import type { FunctionInvoker } from "../../src/host/hub/task-hub.ts";
import { createMemoryStore } from "../../src/host/store/memory.ts";
import {
  createInProcessRunner,
  createMemoryJournal,
  type Journal,
  type Run,
  type RunEvent,
  type RunStatus,
} from "../../src/index.ts";
import { readRun } from "../../src/inprocess/recorded-run.ts";
import { foldTrace } from "../../src/inprocess/run-fold.ts";
import type { WaitClock } from "../../src/remote/poll.ts";
import { ARCHIVE_ACTIVITY } from "../../src/wire/durable-names.ts";
import { readEvent } from "../../src/wire/run-event.ts";
import { DEFAULT_GENERATION_LIMITS, type GenerationLimits } from "../../src/wire/run-start.ts";
import { allEvents } from "../durable/support/all-events.ts";
import { instancesOfHub } from "../durable/support/hub-instances.ts";
import { capturedFunctions, type OrchestratorCall } from "../support/capture-functions.ts";
import { buildDrawn } from "./build.ts";
import type { DrawnRun } from "./drawn-run.ts";
import { type DrivenRun, drive } from "./drive.ts";
import { checkState } from "./invariants.ts";
import { Work } from "./work.ts";

/** What a runner tells of a drawn run once it has ended. */
export interface Told {
  readonly status: RunStatus;
  readonly events: readonly RunEvent[];
}

export const RUN_ID = "drawn-run";
const SEED = "0123456789abcdef0123456789abcdef";
const START_MS = Date.UTC(2026, 0, 1);
const ids = { runId: () => RUN_ID, seed: () => SEED };

type AnyRun = Run<unknown, never>;
type AnyTypedWorkflow = Workflow<unknown, unknown, string, never>;

/** All runners take their time from here: one virtual clock, which starts anew for each run. */
function withVirtualTime<Result>(use: () => Promise<Result>): Promise<Result> {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"], now: START_MS });
  return use().finally(() => vi.useRealTimers());
}

function inputOf({ fuel }: DrawnRun): object {
  return { fuel, tag: 0 };
}

/** In process, in memory. */
export function inMemory(drawn: DrawnRun): Promise<Told> {
  return withVirtualTime(async () => {
    const work = new Work();
    const workflow = buildDrawn(drawn, work);
    const runner = createInProcessRunner({ ids });
    const run: AnyRun = await runner.start(workflow as unknown as AnyTypedWorkflow, inputOf(drawn));
    const events = eventsOf(run, work);
    return { status: await drive(drawn, drivenInProcess(run), work), events: await events };
  });
}

/** In process with a journal: what it told live, and what is folded from its trace. */
export function withJournal(drawn: DrawnRun, people = drive): Promise<Told & { readonly folded: readonly RunEvent[] }> {
  return withVirtualTime(async () => {
    const work = new Work();
    const workflow = buildDrawn(drawn, work);
    const journal = counted(createMemoryJournal(), work);
    const runner = createInProcessRunner({ ids, journal });
    const run: AnyRun = await runner.start(workflow as unknown as AnyTypedWorkflow, inputOf(drawn));
    const live = eventsOf(run, work);
    const status = await people(drawn, drivenInProcess(run), work);
    await work.rest(); // what is only noted, as the end of a superstep, is written a turn later
    const row = journal.run(RUN_ID);
    if (!row) throw new Error("The journal does not have the run.");
    const { plan, begun, trace } = readRun(journal, row, undefined);
    const { events: folded, state } = foldTrace(plan, begun, trace, { onSuperstep: checkState });
    checkState(state);
    return { status, events: await live, folded: folded.map(readEvent) };
  });
}

function counted(journal: Journal, work: Work): Journal {
  const commit = journal.commit.bind(journal);
  return Object.assign(journal, {
    commit: (writes: Parameters<Journal["commit"]>[0]) => {
      work.step();
      commit(writes);
    },
  });
}

function drivenInProcess(run: AnyRun): DrivenRun {
  return {
    status: () => run.status(),
    answer: ({ requestId }, response) => run.respond({ requestId }, response),
    cancel: (reason) => run.cancel(reason),
  };
}

/** Live, so that whatever happens in a run counts as a step. */
async function eventsOf(run: AnyRun, work: Work): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of run.events()) {
    work.advance();
    events.push(event);
  }
  return events;
}

/** As an orchestration: the real SDK over a task hub in memory. */
export function asOrchestration(
  drawn: DrawnRun,
  {
    schema,
    people = drive,
    watch,
    keepsSessions = false,
    began,
    ended,
  }: {
    readonly schema?: 2 | 3;
    readonly people?: typeof drive;
    readonly watch?: (call: OrchestratorCall) => void;
    /** The orchestrator goes on where it stands instead of being replayed in every episode. */
    readonly keepsSessions?: boolean;
    readonly began?: () => void;
    /** Called at the end, while the hub is still open. */
    readonly ended?: (instances: Instances, workflow: WorkflowNode) => Promise<void>;
  } = {},
): Promise<Told & { readonly workflow: WorkflowNode }> {
  return withVirtualTime(async () => {
    const work = new Work();
    const workflow = buildDrawn(drawn, work);
    const environment = hubTime(work);
    // No call waits for another one to end: it would begin later than it does in process, and so would what it waits for.
    const activityConcurrency = 1_000;
    const store = createMemoryStore();
    const hub = createTaskHub({ store, environment, activityConcurrency, ...(schema && { schema }) });
    const instances = withSeed(instancesOfHub(hub));
    const catalog = defineCatalog([workflow as unknown as AnyTypedWorkflow]);
    // Calls that take long look at their run, to see whether it was cancelled.
    registerDurableFunctions(catalog, [], { instances: () => instances, clock: archiveClock(work) });
    await hub.open(
      countedCalls(
        capturedFunctions({ keepsSessions, ...(began && { began }), ...(watch && { orchestrator: watch }) }),
        work,
      ),
    );
    try {
      const runner = createDurableRunner(instances, { generationLimits: generationLimitsOf(drawn) });
      const typed = workflow as unknown as AnyTypedWorkflow;
      const run: AnyRun = await runner.start(typed, inputOf(drawn), { runId: RUN_ID });
      const status = await people(drawn, drivenOrchestration(run, workflow, instances), work);
      await work.rest();
      const events = await allEvents(instances, workflow, RUN_ID);
      await ended?.(instances, workflow);
      return { status, events, workflow };
    } finally {
      await hub.close();
    }
  });
}

/** The clock of the test, also for the hub. */
function hubTime(work: Work) {
  let ids = 0;
  return {
    nowMs: () => Date.now(),
    newId: () => String(++ids).padStart(32, "0"),
    soon(turn: () => void) {
      work.step();
      setImmediate(() => {
        work.step();
        turn();
      });
    },
    after(delayMs: number, due: () => void) {
      // What is due at once is not waited for: between two generations, nothing may come that came to no other runner.
      if (delayMs <= 0) return atOnce(work, due);
      const timer = setTimeout(due, delayMs);
      return () => clearTimeout(timer);
    },
  };
}

function generationLimitsOf({ generationSupersteps: maxSupersteps }: DrawnRun): GenerationLimits | undefined {
  return maxSupersteps === undefined ? undefined : { ...DEFAULT_GENERATION_LIMITS, maxSupersteps };
}

/** An archive is there when its entity has run: that takes turns of the event loop, and none of the time of the test. */
function archiveClock(work: Work): WaitClock {
  return { nowMs: () => 0, delay: () => work.during(new Promise((resolve) => setImmediate(resolve))) };
}

function atOnce(work: Work, due: () => void): () => void {
  let isWanted = true;
  void work.during(new Promise<void>((resolve) => setImmediate(resolve))).then(() => isWanted && due());
  return () => {
    isWanted = false;
  };
}

function countedCalls(functions: FunctionInvoker, work: Work): FunctionInvoker {
  return {
    ...functions,
    invokeOrchestrator: (...call) => work.during(functions.invokeOrchestrator(...call)),
    invokeEntity: (...call) => work.during(functions.invokeEntity(...call)),
    // The handler in it counts by itself, and may be asleep.
    invokeActivity: (...call) => {
      if (call[0] === ARCHIVE_ACTIVITY) return work.during(functions.invokeActivity(...call));
      work.advance();
      return functions.invokeActivity(...call).finally(() => work.step());
    },
  };
}

/** The seed of a run is made where it is started; here it is that of the other runners. */
function withSeed(instances: Instances): Instances {
  return { ...instances, start: (name, id, input) => instances.start(name, id, { ...input, seed: SEED }) };
}

/** Answers are raised without the look at an earlier one under way: that takes time by the clock. */
function drivenOrchestration(run: AnyRun, workflow: WorkflowNode, instances: Instances): DrivenRun {
  return {
    status: () => run.status(),
    async answer({ requestId, frame, eventName }, response) {
      const port = workflowAt(workflow, frame)?.nodes.get(eventName) as PortNode;
      const responseJson = await checkResponse(port, response, workflow.plan.limits);
      await instances.raiseEvent(RUN_ID, answerEvent(requestId), answerData(responseJson));
    },
    cancel: (reason) => run.cancel(reason),
  };
}
