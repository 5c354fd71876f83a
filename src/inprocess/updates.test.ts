import { describe, expect, it } from "vitest";
import { z } from "zod";
import { WorkflowBuilder } from "../graph/builder.ts";
import { defineExecutor } from "../graph/executor.ts";
import type { Run } from "../graph/runner.ts";
import { createMemoryJournal } from "./journal/memory.ts";
import { createInProcessRunner, runInProcess } from "./runner.ts";

const speak = defineExecutor({
  id: "Speak",
  input: z.string(),
  output: z.string(),
  handle(text, { isWatched, sendUpdate }) {
    for (const word of text.split(" ")) sendUpdate({ word });
    return isWatched() ? "heard" : "unheard";
  },
});
const talk = new WorkflowBuilder("Talk", speak).withOutputFrom(speak).build();

async function wordsOf(run: Pick<Run, "updates">): Promise<unknown[]> {
  const words: unknown[] = [];
  for await (const { data } of run.updates()) words.push(data);
  return words;
}

describe("the updates of a run in process", () => {
  it("reach who watches, in order, and end with the run", async () => {
    const run = runInProcess(talk, "one two", { runId: "spoken" });
    const updates = [];
    for await (const update of run.updates()) updates.push(update);
    const common = { runId: "spoken", workflow: "Talk", executorId: "Speak", callKey: "Speak-1-1", attempt: 1 };
    expect(updates).toEqual([
      { ...common, number: 1, data: { word: "one" } },
      { ...common, number: 2, data: { word: "two" } },
    ]);
    expect(await run.output()).toBe("heard");
  });

  it("reach everyone who watches, and nobody who comes when it is over", async () => {
    const run = runInProcess(talk, "one two");
    const [left, right] = await Promise.all([wordsOf(run), wordsOf(run)]);
    expect([left, right]).toEqual([
      [{ word: "one" }, { word: "two" }],
      [{ word: "one" }, { word: "two" }],
    ]);
    expect(await wordsOf(run)).toEqual([]);
  });

  it("are not made up where nobody watches, or nobody does any more", async () => {
    expect(await runInProcess(talk, "one").output()).toBe("unheard");
    const run = runInProcess(talk, "one");
    await run.updates()[Symbol.asyncIterator]().return?.();
    expect(await run.output()).toBe("unheard");
  });

  it.each([
    ["in memory", () => createInProcessRunner()],
    ["with a journal", () => createInProcessRunner({ journal: createMemoryJournal() })],
  ])("of a runner %s are whole for who asks before the start; no event tells of them", async (_how, create) => {
    const runner = create();
    const updates = runner.open(talk, "run").updates();
    const run = await runner.start(talk, "one two", { runId: "run" });
    expect(await wordsOf({ updates: () => updates })).toEqual([{ word: "one" }, { word: "two" }]);
    const types = [];
    for await (const { type } of run.events()) types.push(type);
    expect(types).toEqual(["runStarted", "executorStarted", "executorCompleted", "runOutput", "runCompleted"]);
  });

  it("reject for a run that there is not", async () => {
    const run = createInProcessRunner().open(talk, "nobody");
    await expect(wordsOf(run)).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  });
});
