import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { startLocalHost } from "../../src/host/local-host.ts";
import type { RunEvent } from "../../src/wire/run-event.ts";
import { serveTestApp } from "./support.ts";

const api = serveTestApp();
const STREAM = { accept: "text/event-stream" };
const APPROVED = { eventName: "Manager", response: { approved: true } };

async function waitingRun(runId: string): Promise<string> {
  await api.post(`workflows/Approval/run?runId=${runId}`, { amount: 1500 });
  return (await api.get(`workflows/Approval/events/${runId}?after=2&waitSeconds=30`)).body.events[0].requestId;
}

const typesOf = (events: readonly RunEvent[]) => events.map(({ number, type }) => `${number} ${type}`);

/** Blocks of an event stream: `id`, `data` parsed, `retry`, or the text of a comment. */
function blocksOf(text: string) {
  const blocks = text.split("\n\n").filter((block) => block !== "");
  return blocks.map((block) => {
    const fields = block.split("\n").map((line) => /^(\w*): (.*)$/.exec(line)?.slice(1) ?? []);
    return Object.fromEntries(fields.map(([name = "", value = ""]) => [name || "comment", value]));
  });
}

it("holds an answer back until something happens, and tells that the run has ended", async () => {
  await waitingRun("held-back");
  const next = api.get("workflows/Approval/events/held-back?after=3&waitSeconds=30");
  await api.post("workflows/Approval/respond/held-back", APPROVED);
  const { events } = (await next).body as { events: RunEvent[] };
  expect(typesOf(events)[0]).toBe("4 executorStarted");
  const all = [...events];
  for (let hasEnded = false; !hasEnded; ) {
    const page = (await api.get(`workflows/Approval/events/held-back?after=${3 + all.length}&waitSeconds=30`)).body;
    all.push(...page.events);
    hasEnded = page.hasEnded;
  }
  expect(typesOf(all).at(-1)).toBe("10 runCompleted");
});

it("answers with nothing when the time is up, and without waiting for a run that has ended", async () => {
  await waitingRun("still");
  const nothing = await api.get("workflows/Approval/events/still?after=3&waitSeconds=1");
  expect(nothing.body).toEqual({ events: [], nextAfter: 3, hasEnded: false });
  await api.post("workflows/Greeting/run?waitForResponse=true&runId=ended", "Jerry");
  const ended = await api.get("workflows/Greeting/events/ended?after=5&waitSeconds=30");
  expect(ended.body).toEqual({ events: [], nextAfter: 5, hasEnded: true });
});

it.each(["31", "-1", "x"])("refuses to wait %s seconds", async (waitSeconds) => {
  const reply = await api.get(`workflows/Approval/events/any?waitSeconds=${waitSeconds}`);
  expect([reply.status, reply.body.code]).toEqual([400, "PARAMETER_INVALID"]);
});

it("gives server-sent events, numbered, and goes on behind Last-Event-ID", async () => {
  const requestId = await waitingRun("streamed");
  const first = await api.get("workflows/Approval/events/streamed", STREAM);
  expect(first.status).toBe(200);
  expect(first.headers.get("content-type")).toBe("text/event-stream");
  const [retry, ...events] = blocksOf(first.text);
  expect(retry).toEqual({ retry: "250" });
  expect(events.map(({ id }) => id)).toEqual(["1", "2", expect.stringMatching(/^3\./)]);
  expect(JSON.parse(events[2]?.data ?? "")).toMatchObject({ number: 3, type: "requestOpened", requestId });

  const resumed = await api.get("workflows/Approval/events/streamed?after=0", { ...STREAM, "last-event-id": "2" });
  expect(blocksOf(resumed.text).map(({ id }) => id)).toEqual([undefined, expect.stringMatching(/^3\./)]);
});

it("sends a comment when nothing happens for as long as a reader waits", async () => {
  await waitingRun("quiet");
  const reply = await api.get("workflows/Approval/events/quiet?after=3&waitSeconds=1", STREAM);
  expect(blocksOf(reply.text)).toEqual([{ retry: "250" }, { comment: "nothing happened so far" }]);
});

it("ends the stream after the last event with 204, which keeps a browser from coming back", async () => {
  await api.post("workflows/Greeting/run?waitForResponse=true&runId=over", "Jerry");
  const all = blocksOf((await api.get("workflows/Greeting/events/over", STREAM)).text);
  expect(JSON.parse(all.at(-1)?.data ?? "").type).toBe("runCompleted");
  const end = await api.get("workflows/Greeting/events/over", { ...STREAM, "last-event-id": all.at(-1)?.id ?? "" });
  expect([end.status, end.text]).toEqual([204, ""]);
});

it("answers problems as problems, also to a reader of a stream", async () => {
  const unknown = await api.get("workflows/Approval/events/nobody", STREAM);
  expect([unknown.status, unknown.body.code]).toEqual([404, "RUN_NOT_FOUND"]);
  const wrong = await api.get("workflows/Approval/events/quiet", { ...STREAM, "last-event-id": "x" });
  expect([wrong.status, wrong.body.code]).toEqual([400, "PARAMETER_INVALID"]);
});

it("goes on behind Last-Event-ID across a restart of the host, without gap and without repeating", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "durable-workflows-stream-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const appDir = fileURLToPath(new URL("./apps/doors", import.meta.url));
  const start = () => startLocalHost({ appDir, dataDir, port: 0, write: () => {} });
  const read = async (url: string, lastId: string) => {
    const headers = { ...STREAM, "last-event-id": lastId };
    return blocksOf(await (await fetch(`${url}/api/workflows/Approval/events/r`, { headers })).text());
  };
  const post = (url: string, path: string, body: unknown) =>
    fetch(`${url}/api/workflows/Approval/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  const before = await start();
  await post(before.url, "run?runId=r", { amount: 1 });
  // Behind the number stands how far updates went, which means nothing to another process.
  const numbersOf = (blocks: ReturnType<typeof blocksOf>) => blocks.flatMap(({ id }) => id?.split(".", 1) ?? []);
  const ids: string[] = [];
  while (ids.length < 3) ids.push(...numbersOf(await read(before.url, String(ids.length))));
  await before.close();

  const after = await start();
  onTestFinished(() => after.close());
  await post(after.url, "respond/r", APPROVED);
  while (ids.length < 10) ids.push(...numbersOf(await read(after.url, String(ids.length))));
  expect(ids).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
});

it("is read by an EventSource from the first event to the last, which then stays away", async () => {
  await waitingRun("browser");
  // The reader of browsers, as Node has it behind a flag.
  const script = `
    const source = new EventSource(process.argv[1]);
    source.onmessage = ({ lastEventId, data }) => console.log(lastEventId.split(".")[0], JSON.parse(data).type);
    source.onerror = () => { if (source.readyState === EventSource.CLOSED) process.exit(0); };`;
  const url = `${api.url}/api/workflows/Approval/events/browser`;
  const flags = ["--experimental-eventsource", "--no-warnings", "-e", script, url];
  const reading = promisify(execFile)(process.execPath, flags);
  await api.post("workflows/Approval/respond/browser", APPROVED);
  expect((await reading).stdout.trim().split("\n")).toEqual([
    "1 runStarted",
    "2 executorStarted",
    "3 requestOpened",
    "4 executorStarted",
    "5 requestAnswered",
    "6 executorCompleted",
    "7 executorStarted",
    "8 executorCompleted",
    "9 runOutput",
    "10 runCompleted",
  ]);
});
