import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { WorkflowBuilder } from "../graph/builder.ts";
import { defineExecutor } from "../graph/executor.ts";
import { defineRequestPort } from "../graph/request-port.ts";
import { runInTest } from "./run-in-test.ts";
import { hang } from "./user-code.ts";
import { VirtualClock } from "./virtual-clock.ts";

const text = z.string();
const ask = defineRequestPort({ id: "Ask", request: text, response: text });
const first = defineExecutor({ id: "First", input: text, output: text, handle: (word) => `${word}!` });
const slow = defineExecutor({
  id: "Slow",
  input: text,
  output: text,
  async handle(word) {
    await delay(20);
    return `slow ${word}`;
  },
});
const join = defineExecutor({ id: "Join", input: z.array(text), output: text, handle: (words) => words.join(" ") });
const both = new WorkflowBuilder("Both", first)
  .addFanOut(first, [ask, slow])
  .addFanIn([ask, slow], join)
  .withOutputFrom(join)
  .build();
const twice = new WorkflowBuilder("Twice", ask)
  .addEdge(ask, ask, { when: (word) => word !== "enough" })
  .addEdge(ask, first, { when: (word) => word === "enough" })
  .withOutputFrom(first)
  .build();

describe("a run in a test", () => {
  it("answers what is asked, and waits for handlers that take their time", async () => {
    const tested = await runInTest(both, "go", { answers: { Ask: (word) => `answer to ${word}` } });
    expect(tested.status.status).toBe("Completed");
    expect(tested.path).toEqual(["First", "Ask", "Slow", "Join"]);
    expect(tested.outputs).toEqual(["answer to go! slow go!"]);
    expect(tested.events.at(-1)?.type).toBe("runCompleted");
  });

  it("gives each answer of a list once, and stops where the list ends", async () => {
    const tested = await runInTest(twice, "?", { answers: { Ask: ["more", "and more"] } });
    expect(tested.status.waitingForInput).toMatchObject([{ eventName: "Ask", input: "and more" }]);
    expect(tested.path).toEqual(["Ask", "Ask", "Ask"]);
    await tested.run.respond(ask, "enough");
    expect((await tested.settled()).outputs).toEqual(["enough!"]);
  });

  it("is the same each time, with ids and times", async () => {
    const once = await runInTest(twice, "?", { answers: { Ask: ["enough"] } });
    const again = await runInTest(twice, "?", { answers: { Ask: ["enough"] } });
    expect(again.events).toEqual(once.events);
    expect(again.status).toEqual(once.status);
    expect(once.status.createdAt).toBe("2026-01-01T00:00:00.000Z");
  });

  it("calls a mock in place of the handler, with the context of the call", async () => {
    const mocks = {
      First: (word: string, context: { readonly executorId: string }) => `${context.executorId} ${word}`,
    };
    const { outputs } = await runInTest(twice, "?", { answers: { Ask: ["enough"] }, mocks });
    expect(outputs).toEqual(["First enough"]);
  });

  it("leaves the workflow itself as it was", async () => {
    await runInTest(twice, "?", { answers: { Ask: ["enough"] }, mocks: { First: () => "mock" } });
    expect((await runInTest(twice, "?", { answers: { Ask: ["enough"] } })).outputs).toEqual(["enough!"]);
  });

  it("fails the attempt of the script, and no other", async () => {
    const error = new Error("down");
    const down = await runInTest(twice, "?", {
      answers: { Ask: ["enough"] },
      failures: [{ executor: "First", error }],
    });
    expect(down.status).toMatchObject({ status: "Failed", error: { message: "down", executorId: "First" } });
    const second = [{ executor: "First", attempt: 2, error }];
    expect((await runInTest(twice, "?", { answers: { Ask: ["enough"] }, failures: second })).outputs).toEqual([
      "enough!",
    ]);
  });

  it("stops where a mock hangs, and ends when it is cancelled", async () => {
    const tested = await runInTest(both, "go", { answers: { Ask: ["yes"] }, mocks: { Slow: hang } });
    expect(tested.status.status).toBe("Running");
    expect(tested.path).toEqual(["First", "Slow"]);
    await tested.run.cancel();
    expect((await tested.settled()).status.status).toBe("Cancelled");
  });

  it("refuses a wrong input, a wrong answer, and names that the workflow does not have", async () => {
    const code = (name: string) => expect.objectContaining({ code: name });
    await expect(runInTest(twice, 7 as never)).rejects.toThrow(code("RUN_INPUT_INVALID"));
    await expect(runInTest(twice, "?", { answers: { Ask: [7 as never] } })).rejects.toThrow(
      code("PORT_RESPONSE_INVALID"),
    );
    await expect(runInTest(twice, "?", { answers: { Aks: [] } as never })).rejects.toThrow(code("EXECUTOR_UNKNOWN"));
    await expect(runInTest(twice, "?", { mocks: { Ask: () => "" } })).rejects.toThrow(code("EXECUTOR_UNKNOWN"));
    const failures = [{ executor: "Frist", error: "" }];
    await expect(runInTest(twice, "?", { failures })).rejects.toThrow(code("EXECUTOR_UNKNOWN"));
  });
});

describe("a virtual clock", () => {
  it("fires what is due in order, each at its own time, also what is set meanwhile", () => {
    const clock = new VirtualClock("2026-03-01T00:00:00Z");
    const fired: [string, number][] = [];
    const startMs = clock.nowMs();
    const note = (name: string) => fired.push([name, clock.nowMs() - startMs]);
    clock.setTimer(200, () => note("second"));
    clock.setTimer(100, () => {
      note("first");
      clock.setTimer(50, () => note("between"));
    });
    const stop = clock.setTimer(120, () => note("stopped"));
    clock.setTimer(999, () => note("later"));
    stop();
    clock.advance(300);
    expect(fired).toEqual([
      ["first", 100],
      ["between", 150],
      ["second", 200],
    ]);
    expect(clock.nowMs() - startMs).toBe(300);
    expect((clock.nextDueMs ?? 0) - startMs).toBe(999);
  });

  it("starts at no time that is none", () => {
    expect(() => new VirtualClock("noon")).toThrow(RangeError);
  });
});
