import { expect } from "vitest";
import type { Run, RunEvent, RunStatus, Workflow, WorkflowRunner } from "../../src/index.ts";
import { type ConformanceWorkflow, catalog } from "./workflows.ts";

/** One way to run the workflows of `workflows.ts`. Errors are told apart by their `code`, whatever class they have. */
export interface RunnerUnderTest {
  readonly name: string;
  /** @throws an error with a `code`: `RUN_INPUT_INVALID`, `RUN_EXISTS` */
  start(workflow: ConformanceWorkflow, input: unknown, options?: { readonly runId?: string }): Promise<RunUnderTest>;
}

export interface RunUnderTest {
  readonly runId: string;
  status(): Promise<RunStatus>;
  /** Answers by port, or by request id. @throws an error with a `code`, and with `issues` where the shape is wrong */
  respond(request: { readonly requestId: string } | { readonly eventName: string }, response: unknown): Promise<void>;
  cancel(reason?: string): Promise<void>;
  /** Waits until the run has ended. */
  end(): Promise<RunStatus>;
  /** All events of a run that has ended. */
  events(): Promise<readonly RunEvent[]>;
}

/** A runner of this library, with the workflows of `workflows.ts`. */
export function runnerUnderTest(name: string, runner: () => WorkflowRunner): RunnerUnderTest {
  return {
    name,
    async start(workflow, input, options) {
      // By name, the types of inputs and ports are not known: what the suites send is checked at run time.
      const untyped = catalog.get(workflow) as unknown as Workflow<unknown, unknown, string, never>;
      return underTest(await runner().start(untyped, input, options));
    },
  };
}

function underTest(run: Run<unknown, never>): RunUnderTest {
  return {
    runId: run.runId,
    status: () => run.status(),
    respond: (request, response) =>
      "requestId" in request
        ? run.respond(request, response)
        : run.respond(request.eventName as never, response as never),
    cancel: (reason) => run.cancel(reason),
    end: () => run.wait(),
    async events() {
      const events: RunEvent[] = [];
      for await (const event of run.events()) events.push(event);
      return events;
    },
  };
}

const MAX_WAIT_MS = 20_000;
const LOOK_AGAIN_MS = 5;

/**
 * Looks at a run until it is as expected; fails with what it was last. By the wall clock, since one of the runners is a host
 * behind HTTP: its clock is the real one, and its status can only be asked for. The wait ends before vitest ends the test,
 * so that the message says what the run was doing.
 */
export async function until(run: RunUnderTest, isReached: (status: RunStatus) => boolean): Promise<RunStatus> {
  const giveUpAt = performance.now() + MAX_WAIT_MS;
  for (;;) {
    const status = await run.status();
    if (isReached(status)) return status;
    if (performance.now() > giveUpAt) throw new Error(`The run is still not as expected: ${JSON.stringify(status)}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

/** Waits until exactly these ports ask. @returns the ids of their requests, in the order of the ports */
export async function untilAsking(run: RunUnderTest, ...ports: string[]): Promise<string[]> {
  const asking = ({ waitingForInput }: RunStatus) => waitingForInput.map(({ eventName }) => eventName).sort();
  const status = await until(run, (now) => asking(now).join() === ports.toSorted().join());
  return ports.map((port) => status.waitingForInput.find(({ eventName }) => eventName === port)?.requestId ?? "");
}

/** Runs a workflow that asks nobody. */
export async function runToEnd(runner: RunnerUnderTest, workflow: ConformanceWorkflow, input: unknown) {
  const run = await runner.start(workflow, input);
  const status = await run.end();
  return { run, status, outputs: status.outputs };
}

export async function eventsOf<Type extends RunEvent["type"]>(
  run: RunUnderTest,
  type: Type,
): Promise<Extract<RunEvent, { type: Type }>[]> {
  const events = await run.events();
  return events.filter((event): event is Extract<RunEvent, { type: Type }> => event.type === type);
}

/** Events in short: the type, then who or what it is about, behind the path of its frame. */
export async function story(run: RunUnderTest): Promise<string[]> {
  const events = await run.events();
  expect(events.map(({ number }) => number)).toEqual(events.map((_event, place) => place + 1));
  return events.map((event) => {
    if (!("executorId" in event)) return event.type;
    const frame = "frame" in event && event.frame !== undefined ? `${event.frame}~` : "";
    return `${event.type} ${frame}${event.executorId}`;
  });
}

export function withCode(code: string) {
  return expect.objectContaining({ code });
}
