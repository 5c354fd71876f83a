import { describe, expect, it } from "vitest";
import { z } from "zod";
import { getRun, startRun } from "../../src/durable/client.ts";
import { cancelRun, respondToRun } from "../../src/durable/respond.ts";
import { createDurableRunner } from "../../src/durable/runner.ts";
import type { Instances } from "../../src/durable/sdk.ts";
import { defineCatalog, defineExecutor, defineRequestPort, WorkflowBuilder } from "../../src/index.ts";
import { serveDurably, until } from "./support/durable-runs.ts";

const pair = z.object({ a: z.number(), b: z.number() });
const add = defineExecutor({ id: "Add", input: pair, output: z.number(), handle: ({ a, b }) => a + b });
const sum = new WorkflowBuilder("ClientSum", add).build();
const askTwice = (() => {
  const start = defineExecutor({
    id: "Start",
    input: z.number(),
    sends: z.string(),
    handle: (count, { sendMessage }) => {
      for (let question = 1; question <= count; question++) sendMessage(`question ${question}`);
    },
  });
  const ask = defineRequestPort({ id: "Ask", request: z.string(), response: z.boolean() });
  const later = defineRequestPort({ id: "Later", request: z.boolean(), response: z.boolean() });
  return new WorkflowBuilder("ClientAsk", start).addEdge(start, ask).addEdge(ask, later).build();
})();
const served = defineCatalog([sum, askTwice]);
const waitForEnd = (instances: Instances, workflow: typeof sum, runId: string, timeoutMs: number) =>
  createDurableRunner(instances).open(workflow, runId).wait({ timeoutMs });
const code = (name: string) => expect.objectContaining({ code: name });

describe("starting a run", () => {
  it("gives the run that is there for the same id and input, whatever the order of its fields", async () => {
    const { instances } = await serveDurably(served);
    expect(await startRun(instances, sum, { a: 1, b: 2 }, { runId: "r" })).toEqual({ runId: "r", isNew: true });
    expect(await startRun(instances, sum, { b: 2, a: 1 }, { runId: "r" })).toEqual({ runId: "r", isNew: false });
    const { createdAt } = await waitForEnd(instances, sum, "r", 5_000);
    expect(await startRun(instances, sum, { a: 1, b: 2 }, { runId: "r" })).toEqual({ runId: "r", isNew: false });
    expect((await getRun(instances, sum, "r")).createdAt).toBe(createdAt);
  });

  it("refuses an id that belongs to another input, or to another workflow", async () => {
    const { instances } = await serveDurably(served);
    await startRun(instances, sum, { a: 1, b: 2 }, { runId: "r" });
    await expect(startRun(instances, sum, { a: 1, b: 3 }, { runId: "r" })).rejects.toThrow(code("RUN_EXISTS"));
    await startRun(instances, askTwice, 1, { runId: "s" });
    await expect(startRun(instances, sum, { a: 1, b: 2 }, { runId: "s" })).rejects.toThrow(code("RUN_EXISTS"));
  });

  it("makes one run of many starts at the same moment", async () => {
    const { instances } = await serveDurably(served);
    const starts = Array.from({ length: 20 }, () => startRun(instances, sum, { a: 1, b: 2 }, { runId: "r" }));
    const started = await Promise.all(starts);
    expect(started.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect((await waitForEnd(instances, sum, "r", 5_000)).output).toBe(3);
  });

  it("refuses an input that does not fit, and starts nothing", async () => {
    const { instances } = await serveDurably(served);
    const refused = startRun(instances, sum, { a: 1, b: "2" }, { runId: "r" });
    await expect(refused).rejects.toMatchObject({ code: "RUN_INPUT_INVALID", issues: [{ pointer: "/b" }] });
    expect(await instances.read("r")).toBeUndefined();
  });

  it("passes on why the host refused a start when no such run is there", async () => {
    const { instances } = await serveDurably(served);
    const broken: Instances = { ...instances, start: () => Promise.reject(new Error("storage is away")) };
    await expect(startRun(broken, sum, { a: 1, b: 2 }, { runId: "r" })).rejects.toThrow("storage is away");
  });

  it("looks again when the host refused a start because somebody else was first", async () => {
    const { instances } = await serveDurably(served);
    let looks = 0;
    const racing: Instances = {
      ...instances,
      read: async (...call) => (looks++ === 0 ? undefined : instances.read(...call)),
      start: async (...call) => {
        await instances.start(...call);
        throw new Error("An Orchestration instance with the status Running already exists.");
      },
    };
    expect(await startRun(racing, sum, { a: 1, b: 2 }, { runId: "r" })).toEqual({ runId: "r", isNew: false });
  });
});

describe("a run of another workflow", () => {
  it("looks like one that does not exist", async () => {
    const { instances } = await serveDurably(served);
    await startRun(instances, sum, { a: 1, b: 2 }, { runId: "r" });
    const words = async (call: Promise<unknown>) =>
      call.then(String, (error: Error) => error.message.replace(/"\w"/, "ID"));
    const foreign = await words(getRun(instances, askTwice, "r"));
    expect(foreign).toBe(await words(getRun(instances, askTwice, "x")));
    expect(foreign).toContain('Workflow "ClientAsk" has no run ID');
    await expect(cancelRun(instances, askTwice, "r")).rejects.toThrow(code("RUN_NOT_FOUND"));
    await expect(respondToRun(instances, askTwice, "r", { eventName: "Ask" }, true)).rejects.toThrow(
      code("RUN_NOT_FOUND"),
    );
  });
});

it("never asks the host for an id that no run can have, such as one that names a folder in a URL", async () => {
  const asked: string[] = [];
  const { instances } = await serveDurably(served);
  const watched: Instances = {
    ...instances,
    read(runId, options) {
      asked.push(runId);
      return instances.read(runId, options);
    },
  };
  for (const runId of [".", "..", "@entity@key", ""]) {
    await expect(getRun(watched, sum, runId)).rejects.toThrow(code("RUN_NOT_FOUND"));
  }
  expect(asked).toEqual([]);
});

describe("answering a run", () => {
  async function asking(count: number) {
    const runs = await serveDurably(served);
    await startRun(runs.instances, askTwice, count, { runId: "r" });
    await until(async () => (await getRun(runs.instances, askTwice, "r")).waitingForInput.length === count);
    const { waitingForInput } = await getRun(runs.instances, askTwice, "r");
    const answer = (reference: Parameters<typeof respondToRun>[3], response: unknown = true) =>
      respondToRun(runs.instances, askTwice, "r", reference, response);
    return { ...runs, answer, ids: waitingForInput.map(({ requestId }) => requestId) };
  }

  it("names the port where it has one open request, and the request where it has several", async () => {
    const { answer, ids } = await asking(2);
    await expect(answer({ eventName: "Ask" })).rejects.toThrow(code("REQUEST_AMBIGUOUS"));
    const [first = ""] = ids;
    expect(await answer({ requestId: first })).toEqual({ requestId: first, eventName: "Ask" });
  });

  it("refuses what was answered already, was not asked yet, or never existed", async () => {
    const { answer, ids, instances } = await asking(1);
    const [requestId = ""] = ids;
    await expect(answer({ eventName: "Later" })).rejects.toThrow(code("REQUEST_CLOSED"));
    await expect(answer({ eventName: "Nobody" })).rejects.toThrow(code("REQUEST_NOT_FOUND"));
    await expect(answer({ requestId: "ask-9-00000000" })).rejects.toThrow(code("REQUEST_NOT_FOUND"));
    await expect(answer({ requestId, eventName: "Later" })).rejects.toThrow(code("REQUEST_NOT_FOUND"));
    await answer({ eventName: "Ask" });
    await until(async () => (await getRun(instances, askTwice, "r")).waitingForInput[0]?.eventName === "Later");
    await expect(answer({ requestId })).rejects.toThrow(code("REQUEST_CLOSED"));
    await expect(answer({ eventName: "Ask" })).rejects.toThrow(code("REQUEST_CLOSED"));
  });

  it("finds a request that did not fit into the custom status", async () => {
    const { answer, ids, instances } = await asking(60);
    const status = await getRun(instances, askTwice, "r");
    expect(status.waitingForInput.map(({ input }) => input)).toContain("question 60");
    const last = ids.at(-1) ?? "";
    expect(await answer({ requestId: last })).toEqual({ requestId: last, eventName: "Ask" });
  });

  it("reads no history for a request that was published, also when others did not fit", async () => {
    const { ids, instances } = await asking(60);
    const published: Instances = {
      ...instances,
      read(runId, options) {
        if (options?.withHistory) throw new Error("The history was read.");
        return instances.read(runId, options);
      },
    };
    const [requestId = ""] = ids;
    const answered = await respondToRun(published, askTwice, "r", { requestId }, true);
    expect(answered).toEqual({ requestId, eventName: "Ask" });
  });
});

describe("the status of a run", () => {
  it("says why the host ended it", async () => {
    const { instances, hub } = await serveDurably(served);
    await startRun(instances, askTwice, 1, { runId: "r" });
    await until(async () => (await getRun(instances, askTwice, "r")).waitingForInput.length === 1);
    await hub.terminate("r", "disk full");
    await until(async () => (await hub.get("r"))?.runtimeStatus === "Terminated");
    expect(await getRun(instances, askTwice, "r")).toMatchObject({
      status: "Terminated",
      waitingForInput: [],
      error: { code: "RUN_TERMINATED", message: "The run was ended from outside: disk full" },
    });
  });

  it("is there before the orchestration has begun", async () => {
    const { instances } = await serveDurably(served);
    const pending: Instances = {
      ...instances,
      read: async (...call) => {
        const instance = await instances.read(...call);
        return (
          instance && { ...instance, runtimeStatus: "Pending", customStatus: null, output: null, historyEvents: [] }
        );
      },
    };
    await startRun(instances, sum, { a: 1, b: 2 }, { runId: "r" });
    expect(await getRun(pending, sum, "r")).toMatchObject({
      status: "Pending",
      version: sum.plan.fingerprint,
      superstep: 0,
      executors: [{ id: "Add", status: "idle", calls: 0 }],
      outputs: [],
    });
  });

  it("shows outputs of a run that goes on", async () => {
    const early = defineExecutor({ id: "Early", input: z.number(), output: z.number(), handle: (value) => value });
    const ask = defineRequestPort({ id: "Ask", request: z.number(), response: z.number() });
    const workflow = new WorkflowBuilder("ClientEarly", early).addEdge(early, ask).withOutputFrom(early, ask).build();
    const runs = await serveDurably(workflow);
    const run = await runs.runner.start(workflow, 7, { runId: "r" });
    await run.nextRequest(ask);
    expect(await run.status()).toMatchObject({ status: "Running", output: 7, outputs: [7] });
  });
});
