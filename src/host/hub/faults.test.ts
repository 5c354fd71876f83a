import type { OrchestrationContext, Task } from "durable-functions";
import { describe, expect, it } from "vitest";
import { capturedFunctions, df } from "../../../test/support/capture-functions.ts";
import { openHub } from "../../../test/support/hub-harness.ts";
import { manualEnvironment, quiet } from "../../../test/support/manual-environment.ts";
import { createMemoryStore } from "../store/memory.ts";
import { ActivityPool } from "./activity-pool.ts";
import { createTaskHub } from "./create-task-hub.ts";
import { newEvents } from "./episode.ts";
import { taskCompleted, taskFailed, timerFired } from "./hub-event.ts";
import { Instance } from "./instance.ts";
import { LoadedHistory } from "./loaded-history.ts";
import type { FunctionInvoker, InvocationResult } from "./task-hub.ts";

type Flow = Generator<Task, unknown, unknown>;

df.app.activity("Tell", { handler: () => "told" });
df.app.orchestration("WaitTwice", function* (context: OrchestrationContext): Flow {
  yield context.df.waitForExternalEvent("Go");
  yield context.df.callActivity("Tell", {});
  return yield context.df.waitForExternalEvent("Go");
});
df.app.orchestration("OneByOne", function* (context: OrchestrationContext): Flow {
  const seen = context.df.getInput() as unknown[];
  seen.push(yield context.df.waitForExternalEvent("Go"));
  if (seen.length === 3) return seen;
  context.df.continueAsNew(seen);
  return undefined;
});

/** A hub over an app whose one orchestrator answers like this. */
async function outputOf(invokeOrchestrator: FunctionInvoker["invokeOrchestrator"]): Promise<string | null> {
  const environment = manualEnvironment();
  const hub = createTaskHub({ store: createMemoryStore(), environment });
  await hub.open({ ...capturedFunctions(), hasFunction: () => true, invokeOrchestrator });
  await hub.start({ name: "Odd", instanceId: "odd", inputJson: null });
  await quiet();
  const { runtimeStatus, output } = (await hub.get("odd")) ?? {};
  expect(runtimeStatus).toBe("Failed");
  await hub.close();
  return output ?? null;
}

describe("an orchestrator that does not answer as one", () => {
  const answers = (resultJson: string | null) => async (): Promise<InvocationResult> => ({ ok: true, resultJson });

  it.each([null, "null", "1", '"text"', "[]", "{"])("fails the instance: %s", async (resultJson) => {
    expect(await outputOf(answers(resultJson))).toContain("did not answer as an orchestrator does");
  });

  it.each(['{"isDone":true}', '{"actions":[]}', '{"actions":[[],[]]}', '{"actions":[{}]}'])(
    "fails the instance for actions of an older schema: %s",
    async (resultJson) => {
      expect(await outputOf(answers(resultJson))).toContain("speaks replay schemas V3 and V4");
    },
  );

  it("fails the instance with the message of an error outside the replay", async () => {
    const invocation = async (): Promise<InvocationResult> => ({ ok: false, message: "no binding", stack: "at x" });
    expect(await outputOf(invocation)).toBe("Orchestrator function 'Odd' failed: no binding");
  });

  it("fails the instance when calling it throws", async () => {
    const broken = async (): Promise<InvocationResult> => {
      throw new Error("worker gone");
    };
    expect(await outputOf(broken)).toBe("Orchestrator function 'Odd' failed: worker gone");
  });

  it("fails the instance when an action lacks what it needs", async () => {
    const action = '{"isDone":false,"actions":[[{"actionType":5,"fireAt":"soon"}]]}';
    expect(await outputOf(answers(action))).toContain('An action of type 5 has no usable "fireAt".');
  });
});

describe("what an episode takes in", () => {
  const row = {
    key: 1,
    instanceId: "i",
    executionId: "now",
    name: "N",
    version: "",
    status: "Running",
    parent: null,
  } as const;
  const scheduled = '{"EventType":4,"EventId":0,"IsPlayed":true,"Timestamp":"2026-01-01T00:00:00.000Z","Name":"A"}';
  const history = (): LoadedHistory =>
    new LoadedHistory([{ firstEvent: 0, eventCount: 1, events: scheduled, checksum: null }], null, null, 0);
  const message = (event: ReturnType<typeof taskCompleted>, executionId: string | null) => ({
    seq: 1,
    executionId,
    event,
  });

  it("is the first outcome of a task that is open, in this execution", () => {
    const first = taskCompleted(0, "1", 5);
    const taken = [
      message(taskCompleted(0, "0", 4), "before"),
      message(timerFired(7, 1, 5), "now"),
      message(first, "now"),
      message(taskFailed(0, "r", "d", 5), "now"),
    ];
    expect(newEvents(new Instance(row, []), history(), taken)).toEqual([first]);
  });

  it("is no outcome that the history has already", () => {
    const known = history();
    known.append([taskCompleted(0, "1", 5)]);
    expect(newEvents(new Instance(row, []), known, [message(taskCompleted(0, "2", 6), "now")])).toEqual([]);
  });
});

it("carries events over that a suspension had held back", async () => {
  const { hub, run, view, history, logged } = await openHub();
  const id = await run({ name: "OneByOne", inputJson: "[]" });
  await hub.suspend(id, "");
  for (const data of ["1", "2", "3"]) {
    await hub.raiseEvent(id, "Go", data);
    await quiet();
  }
  await hub.resume(id, "");
  await quiet();
  expect(await view(id)).toMatchObject({ runtimeStatus: "Completed", output: "[1,2,3]", inputJson: "[1,2]" });
  expect(await history(id)).toBe("12 0 15 1#0 13");
  expect(logged).toEqual([]);
});

it("lets others have the event loop while thousands of activities that never wait run one after the other", async () => {
  let turns = 0;
  let finished = 0;
  const pool = new ActivityPool({
    concurrency: 10,
    soon: (work) => void setImmediate(work),
    finished: () => {
      finished += 1;
    },
  });
  pool.begin({
    ...capturedFunctions(),
    hasFunction: () => true,
    invokeActivity: async () => ({ ok: true, resultJson: null }),
  });
  const rows = Array.from({ length: 5000 }, (_, seq) => ({
    key: 1,
    seq,
    instanceId: "i",
    executionId: "e",
    taskId: seq,
    name: "A",
    inputJson: null,
  }));
  for (const row of rows) pool.add(row);
  pool.release(rows);
  while (finished < rows.length) {
    await new Promise((resolve) => setImmediate(resolve));
    turns += 1;
  }
  expect(turns).toBeGreaterThanOrEqual(15);
});
