import { expect, it } from "vitest";
import { createHttpRunner } from "../../src/client/index.ts";
import type { RunUpdate } from "../../src/wire/live-update.ts";
import { gates } from "./gates.ts";
import { serveTestApp } from "./support.ts";
import { talk } from "./talk-workflow.ts";

const api = serveTestApp("agents");
const STREAM = { accept: "text/event-stream" };

interface Block {
  readonly id: string | undefined;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever came, and its expectations say what that has to be
  readonly data: any;
}

function blocksOf(text: string): Block[] {
  return text
    .split("\n\n")
    .filter((block) => block.includes("data: "))
    .map((block) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
      return { id: field("id"), event: field("event") ?? "message", data: JSON.parse(field("data") ?? "null") };
    });
}

/** Reads a stream as `EventSource` does: comes back with the last id, until there is nothing more, or enough. */
async function readStream(path: string, isEnough: (blocks: readonly Block[]) => boolean): Promise<Block[]> {
  const blocks: Block[] = [];
  let lastId = "";
  while (!isEnough(blocks)) {
    const reply = await api.get(path, lastId === "" ? STREAM : { ...STREAM, "last-event-id": lastId });
    if (reply.status === 204) break;
    blocks.push(...blocksOf(reply.text));
    lastId = blocks.findLast(({ id }) => id !== undefined)?.id ?? lastId;
  }
  return blocks;
}

const textOf = (blocks: readonly Block[]) =>
  blocks.filter(({ event }) => event === "update").map(({ data }) => data.data.text);

it("streams the words of an agent while its model talks, piece by piece and each once", async () => {
  const { body } = await api.post("agents/Parrot/run?waitForResponse=false", "wait rose");
  const reading = readStream(`agents/Parrot/events/${body.runId}`, () => false);
  await api.get(`agents/Parrot/events/${body.runId}?after=1&waitSeconds=30`);
  gates.get("rose").open();
  const blocks = await reading;
  expect(textOf(blocks)).toEqual(["1: ", "wait ", "rose"]);
  const [update] = blocks.filter(({ event }) => event === "update");
  expect(update?.data).toMatchObject({
    runId: body.runId,
    workflow: "Parrot",
    executorId: "Turn",
    attempt: 1,
    number: 1,
    data: { type: "text", agent: "Parrot" },
  });
  const events = blocks.filter(({ event }) => event === "message").map(({ data }) => data.number);
  expect(events).toEqual(events.map((_number, index) => index + 1));
  expect(blocks.at(-1)?.data.type).toBe("runCompleted");
});

it("sends what was told while the call still goes on", async () => {
  await api.post("workflows/Talk/run?runId=live", "live");
  const path = "workflows/Talk/events/live";
  const heard = await readStream(path, (blocks) => textOf(blocks).includes("two"));
  expect(textOf(heard)).toEqual(["one", "two"]);
  expect(heard.map(({ data }) => data.type)).not.toContain("executorCompleted");
  gates.get("talk live").open();
});

it("keeps none of it: the events of the run are the same, and who comes late hears nothing", async () => {
  gates.get("talk over").open();
  await api.post("workflows/Talk/run?runId=over&waitForResponse=true&timeoutSeconds=60", "over");
  const blocks = await readStream("workflows/Talk/events/over", () => false);
  expect(blocks.map(({ event, id }) => `${event} ${id}`)).toEqual([
    "message 1",
    "message 2",
    "message 3",
    "message 4",
    expect.stringMatching(/^message 5/),
  ]);
  const page = await api.get("workflows/Talk/events/over");
  expect(Object.keys(page.body)).toEqual(["events", "nextAfter", "hasEnded"]);
});

it("gives updates beside the events to a reader of JSON who asks for them", async () => {
  await api.post("workflows/Talk/run?runId=json", "json");
  const first = await api.get("workflows/Talk/events/json?after=999999999999999&updates=true&waitSeconds=30");
  expect(first.body.events).toEqual([]);
  expect(first.body.updates.map(({ data }: RunUpdate) => data)).toContainEqual({ text: "one" });
  const behind = `workflows/Talk/events/json?after=999999999999999&updates=true&updatesAfter=${first.body.updatesAfter}`;
  gates.get("talk json").open();
  for (let hasEnded = false; !hasEnded; ) ({ hasEnded } = (await api.get(`${behind}&waitSeconds=30`)).body);
  const rest = (await api.get(behind)).body.updates.map(({ data }: RunUpdate) => data);
  expect(rest).not.toContainEqual({ text: "one" });
  expect(rest).toContainEqual({ text: "three" });
});

it("gives the client of TypeScript what calls tell, until the run has ended", async () => {
  const run = await createHttpRunner({ url: api.url }).start(talk, "client", { runId: "client" });
  const heard: unknown[] = [];
  for await (const { data } of run.updates()) {
    heard.push(data);
    if (heard.length === 2) gates.get("talk client").open();
  }
  expect(heard).toEqual([{ text: "one" }, { text: "two" }, { text: "three" }]);
});

it("waits with an agent's run that waits for its thread", async () => {
  const first = await api.post("agents/Parrot/run?waitForResponse=false&threadId=line", "wait line");
  for (let runId = ""; runId !== first.body.runId; ) {
    runId = (await api.get("agents/Parrot/threads/line")).body.runId;
  }
  const second = await api.post("agents/Parrot/run?waitForResponse=false&threadId=line", "next");
  const waiting = await api.get(`agents/Parrot/events/${second.body.runId}`);
  expect(waiting.body).toEqual({ events: [], nextAfter: 0, hasEnded: false });
  const reading = readStream(`agents/Parrot/events/${second.body.runId}`, () => false);
  gates.get("line").open();
  expect((await reading).map(({ data }) => data.type)).toContain("runCompleted");
});
