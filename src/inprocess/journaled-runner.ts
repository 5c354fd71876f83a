import { WorkflowError } from "../errors.ts";
import type { Run, WorkflowRunner } from "../graph/runner.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import type { Workflow } from "../graph/workflow.ts";
import { Watchers } from "../updates/watchers.ts";
import type { Plan } from "../wire/plan.ts";
import { checkRunId } from "../wire/run-id.ts";
import type { RunState } from "../wire/run-state.ts";
import { type Clock, systemClock } from "./clock.ts";
import { changedState, type ForkOptions, stateBefore } from "./fork.ts";
import type { Journal, JournalRun, JournalWrite } from "./journal/journal.ts";
import { JournalWriter, runnerClosed } from "./journal/writer.ts";
import { LiveRun } from "./live-run.ts";
import { beginningOf, codeFor, readRun } from "./recorded-run.ts";
import { foldTrace, newRun, type RunSoFar } from "./run-fold.ts";
import {
  handleOf,
  type InProcessOptions,
  prepare,
  RANDOM_IDS,
  refuseOther,
  runExists,
  type Start,
  type Started,
} from "./start.ts";
import type { Surroundings } from "./surroundings.ts";

/** What `recover` found. */
export interface Recovery {
  /** Ids of the runs that go on, in the order in which they were started. */
  readonly runIds: readonly string[];
  /** Runs whose rows in the journal are damaged. They stay as they are, and hold up no other run. */
  readonly unreadable: readonly { readonly runId: string; readonly error: WorkflowError }[];
}

/**
 * A runner whose runs outlive their process. Starts, responses and cancels resolve once they are on disk, and what a call of
 * an executor produced is on disk before the next superstep sees it.
 */
export interface JournaledRunner extends WorkflowRunner {
  /**
   * Goes on with every open run of earlier processes. A call that was cut off is made again, with the same call key; a call
   * with an outcome is not. Runs keep the plan they were started with; for what the code does not have any more they wait,
   * and try again after a minute, then less often.
   *
   * A run that is started again with its id, or opened and asked for something, goes on also without this.
   *
   * @param workflows - a catalog, or a list
   */
  recover(workflows: { readonly workflows: readonly WorkflowNode[] } | readonly WorkflowNode[]): Promise<Recovery>;

  /**
   * Starts a new run from a superstep of another one, open or ended, with a changed message or changed state. Executors of
   * earlier supersteps are not called again. The fork keeps the plan of its parent.
   *
   * @throws {WorkflowError} `RUN_NOT_FOUND`, `FORK_INVALID`, `RUN_INPUT_INVALID`, `STATE_VALUE_INVALID`, `RUN_EXISTS`,
   *   `RUN_ID_INVALID`, `STORE_WRITE_FAILED`
   */
  fork<Input, Output, Name extends string, Ports>(
    workflow: Workflow<Input, Output, Name, Ports>,
    runId: string,
    options: ForkOptions,
  ): Promise<Run<Output, Ports>>;

  /**
   * Deletes an ended run with all that is kept of it. From then on its id is free.
   *
   * @throws {WorkflowError} `RUN_NOT_FOUND`, `RUN_NOT_ENDED`, `STORE_WRITE_FAILED`
   */
  deleteRun(runId: string): Promise<void>;

  /**
   * Writes what waits to be written and closes the journal. Runs stay where they are: handlers see their signal, and what
   * they give is not taken in.
   */
  close(): Promise<void>;
}

const RUNS_IN_A_ROW = 100;

export function createJournaledRunner(journal: Journal, options: InProcessOptions): JournaledRunner {
  const runner = new Runner(journal, options);
  return {
    start: async (workflow, input, { runId } = {}) =>
      runner.handle(workflow, await runner.start(workflow, input, runId)),
    open: (workflow, runId) => runner.handle(workflow, runId),
    fork: async (workflow, runId, how) => runner.handle(workflow, await runner.fork(workflow, runId, how)),
    recover: (workflows) => runner.recover("workflows" in workflows ? workflows.workflows : workflows),
    deleteRun: (runId) => runner.deleteRun(runId),
    close: async () => runner.close(),
  };
}

/** Without the types its caller sees. */
class Runner {
  readonly #journal: Journal;
  readonly #writer: JournalWriter;
  readonly #clock: Clock;
  readonly #around: Surroundings;
  readonly #ids: NonNullable<InProcessOptions["ids"]>;
  /** Runs of this process that have not ended, or whose end is not on disk. */
  readonly #live = new Map<string, LiveRun>();
  readonly #starting = new Map<string, { readonly start: Started; readonly written: Promise<void> }>();
  /** Fingerprints of plans that are on disk. */
  readonly #plans = new Set<string>();
  #nextKey: number;
  #isClosed = false;

  constructor(journal: Journal, { clock = systemClock, ids = RANDOM_IDS }: InProcessOptions) {
    this.#journal = journal;
    this.#writer = new JournalWriter(journal, clock);
    this.#clock = clock;
    this.#around = { clock, watchers: new Watchers() };
    this.#ids = ids;
    this.#nextKey = journal.nextKey();
  }

  handle<Output, Ports>(workflow: WorkflowNode, runId: string): Run<Output, Ports> {
    return handleOf(runId, async () => this.#find(workflow, runId), this.#around);
  }

  async start(workflow: WorkflowNode, input: unknown, runId = this.#ids.runId()): Promise<string> {
    const start = await prepare(workflow, runId, input);
    this.#refuseClosed();
    const asked = { workflow: workflow.name, inputHash: start.inputHash };
    const existing = this.#startOf(runId);
    if (!existing) await this.#begin(this.#newRun(workflow.plan, start), workflow.plan, workflow);
    else {
      refuseOther(runId, existing, asked);
      await this.#starting.get(runId)?.written;
      if (this.#journal.run(runId)?.isOpen) this.#find(workflow, runId); // it goes on, if it does not already
    }
    return runId;
  }

  async fork(workflow: WorkflowNode, parentRunId: string, options: ForkOptions): Promise<string> {
    const runId = checkRunId(options.runId ?? this.#ids.runId());
    this.#refuseClosed();
    this.#writer.flush(); // what a live parent has noted counts
    const parent = this.#rowOf(workflow, parentRunId);
    const recorded = readRun(this.#journal, parent, workflow);
    const code = codeFor(recorded.plan, workflow);
    const run = { runId, seed: this.#ids.seed(), startedAtMs: this.#clock.nowMs() };
    const state = await changedState(code, stateBefore(recorded, options.atSuperstep), run, options);
    if (this.#startOf(runId)) throw runExists(runId);
    await this.#begin(this.#forkedRun(parent, state), recorded.plan, workflow);
    return runId;
  }

  async recover(workflows: readonly WorkflowNode[]): Promise<Recovery> {
    this.#refuseClosed();
    const deployed = new Map(workflows.map((workflow) => [workflow.name, workflow]));
    const runIds: string[] = [];
    const unreadable: { runId: string; error: WorkflowError }[] = [];
    const open = this.#journal.openRuns().filter(({ runId }) => !this.#live.has(runId));
    for (const [place, row] of open.entries()) {
      // Others may have opened it meanwhile, and the timers and sockets of the process want their turn.
      if (place % RUNS_IN_A_ROW === RUNS_IN_A_ROW - 1) await new Promise((resolve) => setImmediate(resolve));
      this.#refuseClosed();
      try {
        if (!this.#live.has(row.runId)) this.#load(row, deployed.get(row.workflow));
        runIds.push(row.runId);
      } catch (error) {
        if (!(error instanceof WorkflowError)) throw error;
        unreadable.push({ runId: row.runId, error });
      }
    }
    return { runIds, unreadable };
  }

  async deleteRun(runId: string): Promise<void> {
    this.#refuseClosed();
    this.#writer.flush();
    const row = this.#journal.run(runId);
    if (!row) throw notFound(`The journal has no run "${runId}".`);
    if (row.isOpen) {
      const whatIsWrong = `Run "${runId}" has not ended, so it cannot be deleted.`;
      throw new WorkflowError("RUN_NOT_ENDED", whatIsWrong, "Cancel it and wait for its end.");
    }
    await this.#writer.write({ kind: "deleteRun", key: row.key });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#writer.close();
    for (const run of this.#live.values()) run.stop(runnerClosed());
    this.#live.clear();
  }

  /** Writes the start of a run; once it is on disk the run begins. */
  async #begin(row: JournalRun, plan: Plan, workflow: WorkflowNode): Promise<void> {
    const { runId } = row;
    const written = this.#writer.write(...this.#planWrites(plan), { kind: "addRun", run: row });
    this.#starting.set(runId, { start: row, written });
    try {
      await written;
    } finally {
      this.#starting.delete(runId);
    }
    this.#plans.add(plan.fingerprint);
    if (!this.#live.has(runId)) this.#goOn(row, codeFor(plan, workflow), newRun(beginningOf(row, plan)));
  }

  #planWrites(plan: Plan): JournalWrite[] {
    const { fingerprint } = plan;
    return this.#plans.has(fingerprint) ? [] : [{ kind: "addPlan", fingerprint, planJson: JSON.stringify(plan) }];
  }

  #newRun({ workflow, fingerprint }: Plan, start: Start): JournalRun {
    return {
      ...start,
      key: this.#nextKey++,
      workflow,
      plan: fingerprint,
      seed: this.#ids.seed(),
      startedAtMs: this.#clock.nowMs(),
      isOpen: true,
      forkedStateJson: null,
    };
  }

  #forkedRun(parent: JournalRun, state: RunState): JournalRun {
    const { runId, inputHash, seed, startedAtMs } = state;
    const run = { runId, inputHash, seed, startedAtMs, isOpen: true };
    return { ...parent, ...run, key: this.#nextKey++, forkedStateJson: JSON.stringify(state) };
  }

  #find(workflow: WorkflowNode, runId: string): LiveRun {
    this.#refuseClosed();
    const live = this.#live.get(runId);
    if (live?.workflow.name === workflow.name) return live;
    return this.#load(this.#rowOf(workflow, runId), workflow);
  }

  #rowOf(workflow: WorkflowNode, runId: string): JournalRun {
    const row = this.#journal.run(runId);
    if (row?.workflow === workflow.name) return row;
    throw notFound(`Workflow "${workflow.name}" has no run "${runId}" in this journal.`);
  }

  #startOf(runId: string): Started | null {
    return this.#starting.get(runId)?.start ?? this.#journal.run(runId);
  }

  /** A run of the journal; an open one goes on from where its trace ends. */
  #load(row: JournalRun, deployed: WorkflowNode | undefined): LiveRun {
    const { plan, begun, trace } = readRun(this.#journal, row, deployed);
    const soFar = foldTrace(plan, begun, trace);
    const code = codeFor(plan, deployed);
    return row.isOpen ? this.#goOn(row, code, soFar) : new LiveRun(code, soFar, this.#around);
  }

  #goOn({ key, runId }: JournalRun, code: WorkflowNode, soFar: RunSoFar): LiveRun {
    const recorder = this.#writer.recorderOf(key, () => this.#live.delete(runId));
    const run = new LiveRun(code, soFar, this.#around, recorder);
    this.#live.set(runId, run);
    return run;
  }

  #refuseClosed(): void {
    if (this.#isClosed) throw runnerClosed();
  }
}

function notFound(whatIsWrong: string): WorkflowError {
  return new WorkflowError("RUN_NOT_FOUND", whatIsWrong, "Check the id and the workflow; deleted runs are gone.");
}
