import { defineExecutor, defineRequestPort, isCompletionOf, WorkflowBuilder } from "durable-workflows";
import { runInTest, VirtualClock } from "durable-workflows/testing";
import { expect, it } from "vitest";
import { z } from "zod";

const text = z.object({ text: z.string() });
const review = z.object({ accepted: z.boolean(), text: z.string() });
const write = defineExecutor({
  id: "Write",
  input: z.union([z.string(), review]),
  output: text,
  handle: (task) => ({ text: typeof task === "string" ? `On ${task}` : `${task.text}, longer` }),
});
const editor = defineRequestPort({ id: "Editor", request: text, response: review });
const publish = defineExecutor({ id: "Publish", input: review, output: z.string(), handle: (draft) => draft.text });
const pipeline = new WorkflowBuilder("Pipeline", write)
  .addEdge(write, editor)
  .addSwitch(editor, (on) => on.case((draft) => draft.accepted, publish).default(write))
  .withOutputFrom(publish)
  .build();

it("writes again until the editor accepts, however long the editor takes", async () => {
  const clock = new VirtualClock("2026-03-01T09:00:00Z");
  const asked = await runInTest(pipeline, "ethics", { clock });
  expect(asked.status.waitingForInput).toMatchObject([{ eventName: "Editor", input: { text: "On ethics" } }]);

  clock.advance(3 * 24 * 3_600_000);
  await asked.run.respond(editor, { accepted: false, text: "On ethics" });
  const again = await asked.settled();
  expect(again.status.waitingForInput).toMatchObject([{ openedAt: "2026-03-04T09:00:00.000Z" }]);

  await again.run.respond(editor, { accepted: true, text: "On ethics, longer" });
  const published = await again.settled();
  expect(published.path).toEqual(["Write", "Editor", "Write", "Editor", "Publish"]);
  expect(published.outputs).toEqual(["On ethics, longer"]);
  const drafts = published.events.filter((event) => isCompletionOf(event, write)).map(({ output }) => output.text);
  expect(drafts).toEqual(["On ethics", "On ethics, longer"]);
});
