import { placedNodes } from "../graph/nested.ts";
import type { Run, TypedRunEvent } from "../graph/runner.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import type { Workflow } from "../graph/workflow.ts";
import { runInProcess } from "../inprocess/runner.ts";
import { placeOf, TOP } from "../wire/frame-path.ts";
import type { RunEvent } from "../wire/run-event.ts";
import type { RunStatus } from "../wire/status.ts";
import { AnswerScript, type ScriptedAnswers } from "./answers.ts";
import { CallsUnderWay, type Mock, type ScriptedFailure, withUserCode } from "./user-code.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** What a test sets before a run. */
export interface TestScript<Ports> {
  /** Answers to port requests, by the id of the port. A request without one is left open. */
  readonly answers?: ScriptedAnswers<Ports>;
  /** Handlers in place of the real ones, by the id of the executor; `Child~Inner` for one of a sub-workflow. */
  readonly mocks?: Readonly<Record<string, Mock>>;
  readonly failures?: readonly ScriptedFailure[];
  /** A clock of the test's own; a new one otherwise. */
  readonly clock?: VirtualClock;
}

/** A run as a test finds it: ended, or at a point where only a person can move it. */
export interface TestedRun<Output, Ports> {
  /** The run itself, to answer what is open, or to read more. */
  readonly run: Run<Output, Ports>;
  readonly status: RunStatus;
  /**
   * Ids of executors in the order in which they were called, `Child~Inner` in a sub-workflow; a port stands where it asked.
   * Further attempts are left out.
   */
  readonly path: readonly string[];
  readonly outputs: readonly Output[];
  readonly events: readonly TypedRunEvent<Output>[];
  readonly clock: VirtualClock;
  /** Goes on after the test has answered something, or moved the clock: to the end, or the next point of that kind. */
  settled(): Promise<TestedRun<Output, Ports>>;
}

/**
 * Runs a workflow in process on a virtual clock, by a script. Requests are answered as they open; when only time can move
 * the run, the clock goes on to the next thing that is due. Ids and times are the same in every run of a test.
 *
 * @param input - in the shape that the input schema of the start executor takes
 * @returns when the run has ended, or waits for an answer that the script does not have
 * @throws {WorkflowError} `RUN_INPUT_INVALID`; `PORT_RESPONSE_INVALID` for a scripted answer of the wrong shape;
 *   `EXECUTOR_UNKNOWN` for a script that names what the workflow does not have
 */
export async function runInTest<Input, Output, Name extends string, Ports>(
  workflow: Workflow<Input, Output, Name, Ports>,
  input: NoInfer<Input>,
  script: TestScript<Ports> = {},
): Promise<TestedRun<Output, Ports>> {
  const { answers = {}, mocks = {}, failures = [], clock = new VirtualClock() } = script;
  const calls = new CallsUnderWay();
  const replaced = withUserCode(workflow, { mocks, failures }, calls);
  const answerScript = new AnswerScript(workflow, answers);
  const ids = { runId: () => "run-1", seed: () => "00000000000000000000000000000001" };
  const run = runInProcess(replaced as Workflow<Input, Output, Name, Ports>, input, { clock, ids });
  await run.status();
  const test = new ScriptedRun(run as unknown as Run<unknown, never>, workflow, answerScript, calls, clock);
  const tested = { run, clock, settled: async () => ({ ...tested, ...(await test.settle()) }) };
  // What the events and outputs are is the workflow's to say: the run carries values of any type.
  return (await tested.settled()) as unknown as TestedRun<Output, Ports>;
}

type Settled = Pick<TestedRun<unknown, never>, "status" | "path" | "outputs" | "events">;

class ScriptedRun {
  readonly #run: Run<unknown, never>;
  readonly #ports: ReadonlySet<string>;
  readonly #answers: AnswerScript;
  readonly #calls: CallsUnderWay;
  readonly #clock: VirtualClock;
  readonly #events: RunEvent[] = [];
  #isOver = false;

  constructor(
    run: Run<unknown, never>,
    workflow: WorkflowNode,
    answers: AnswerScript,
    calls: CallsUnderWay,
    clock: VirtualClock,
  ) {
    this.#run = run;
    const ports = placedNodes(workflow).filter(({ node }) => node.kind === "port");
    this.#ports = new Set(ports.map(({ place }) => place));
    this.#answers = answers;
    this.#calls = calls;
    this.#clock = clock;
    void this.#listen();
  }

  async settle(): Promise<Settled> {
    do await this.#quiet();
    while (!this.#isOver && ((await this.#answer()) || this.#letTimePass()));
    const status = await this.#run.status();
    return { status, path: pathOf(this.#events, this.#ports), outputs: status.outputs, events: [...this.#events] };
  }

  async #listen(): Promise<void> {
    for await (const event of this.#run.events()) this.#events.push(event);
    this.#isOver = true;
  }

  /** Waits until nothing happens by itself any more: no code of the user is under way, and no event comes. */
  async #quiet(): Promise<void> {
    for (let seen = -1; seen !== this.#events.length; ) {
      seen = this.#events.length;
      await this.#calls.none();
      for (let turn = 0; turn < QUIET_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
      await this.#calls.none();
    }
  }

  /** @returns true when an open request was answered */
  async #answer(): Promise<boolean> {
    const { waitingForInput } = await this.#run.status();
    const request = waitingForInput.find((one) => this.#answers.has(one));
    if (!request) return false;
    await this.#run.respond({ requestId: request.requestId }, await this.#answers.take(request));
    return true;
  }

  /** @returns true when something was due */
  #letTimePass(): boolean {
    const dueMs = this.#clock.nextDueMs;
    if (dueMs !== undefined) this.#clock.advanceTo(dueMs);
    return dueMs !== undefined;
  }
}

/** A port is called to ask and called again with the response: only the call that asks counts. */
function pathOf(events: readonly RunEvent[], ports: ReadonlySet<string>): string[] {
  const placeIn = ({ frame = TOP, executorId }: { readonly frame?: string | undefined; readonly executorId: string }) =>
    placeOf(frame, executorId);
  const keyOf = (event: {
    readonly superstep: number;
    readonly frame?: string | undefined;
    readonly executorId: string;
  }) => `${event.superstep} ${event.frame} ${event.executorId}`;
  const asking = events.filter((event) => event.type === "requestOpened").map(keyOf);
  const isFirst = (event: RunEvent): event is Extract<RunEvent, { readonly type: "executorStarted" }> => {
    if (event.type !== "executorStarted" || event.attempt > 1) return false;
    if (!ports.has(placeIn(event))) return true;
    const place = asking.indexOf(keyOf(event));
    return place >= 0 && asking.splice(place, 1).length > 0;
  };
  return events.filter(isFirst).map(placeIn);
}

/** Turns of the event loop that the runner may need between two things it does. */
const QUIET_TURNS = 3;
