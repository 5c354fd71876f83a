import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { OrchestrationContext, Task } from "durable-functions";
import { afterEach, beforeEach, expect, it } from "vitest";
import { df } from "../../../test/support/capture-functions.ts";
import { type Harness, openHub } from "../../../test/support/hub-harness.ts";
import { quiet } from "../../../test/support/manual-environment.ts";
import { TRAPS } from "./replay/traps.ts";

type Flow = Generator<Task, unknown, unknown>;
type Quiet = Generator<Task, void, unknown>;

let harness: Harness;
beforeEach(async () => {
  harness = await openHub({ longestTimerMs: 10_000, timerLegMs: 5_000, idsMayPart: true });
});
afterEach(() => harness.hub.close());

df.app.activity("Fine", { handler: () => "fine" });
df.app.activity("Bad", {
  handler: () => {
    throw new Error("bad");
  },
});
const retry = new df.RetryOptions(1000, 3);
const at = (context: OrchestrationContext, delayMs: number): Date =>
  new Date(context.df.currentUtcDateTime.getTime() + delayMs);

df.app.orchestration("Retry in all", function* (context: OrchestrationContext): Flow {
  try {
    yield context.df.Task.all([context.df.callActivity("Bad"), context.df.callActivityWithRetry("Bad", retry)]);
    return "all fine";
  } catch {
    return yield context.df.callActivity("Fine");
  }
});
df.app.orchestration("Good all", function* (context: OrchestrationContext): Flow {
  return yield context.df.Task.all([context.df.callActivity("Fine"), context.df.callActivityWithRetry("Fine", retry)]);
});
df.app.orchestration("Retry in any", function* (context: OrchestrationContext): Quiet {
  yield context.df.Task.any([context.df.callActivity("Fine"), context.df.callActivityWithRetry("Bad", retry)]);
});
df.app.orchestration("Long timer", function* (context: OrchestrationContext): Quiet {
  const timer = context.df.createTimer(at(context, 30_000));
  yield context.df.Task.any([timer, context.df.callActivity("Fine")]);
  timer.cancel();
  yield context.df.callActivity("Fine");
});
df.app.orchestration("One by one", function* (context: OrchestrationContext): Quiet {
  yield context.df.waitForExternalEvent("Go");
  yield context.df.waitForExternalEvent("Go");
});
df.app.orchestration("Poll race", function* (context: OrchestrationContext): Quiet {
  const { url } = context.df.getInput() as { url: string };
  const poll = context.df.callHttp({ method: "GET", url });
  const timer = context.df.createTimer(at(context, 1_000));
  yield context.df.Task.any([poll, timer]);
  yield context.df.callActivity("Fine");
  yield poll;
});
df.app.orchestration("Parent of a terminated", function* (context: OrchestrationContext): Quiet {
  yield context.df.callSubOrchestrator("One by one", {}, "terminated-child");
});

df.app.orchestration("Failure in all", function* (context: OrchestrationContext): Quiet {
  const late = context.df.waitForExternalEvent("Never");
  yield context.df.Task.all([context.df.callActivity("Bad"), late]);
});
df.app.orchestration("Retry in time", function* (context: OrchestrationContext): Quiet {
  const options = new df.RetryOptions(1_000, 5);
  options.retryTimeoutInMilliseconds = 1_500;
  yield context.df.callActivityWithRetry("Bad", options);
});
df.app.orchestration("Other case", function* (context: OrchestrationContext): Quiet {
  yield context.df.waitForExternalEvent("Approval");
});
df.app.orchestration("Begins anew", function* (context: OrchestrationContext): Quiet {
  const { round } = context.df.getInput() as { round: number };
  if (round > 0) return;
  yield context.df.waitForExternalEvent("Go");
  context.df.continueAsNew({ round: 1 });
});
df.app.orchestration("Drains in a loop", function* (context: OrchestrationContext): Flow {
  const { words } = context.df.getInput() as { words: string[] };
  for (;;) {
    const mail = context.df.waitForExternalEvent("Mail");
    const now = context.df.createTimer(at(context, 500));
    if ((yield context.df.Task.any([mail, now])) === now) break;
    now.cancel();
    words.push(String(mail.result));
  }
  if (words.length > 6) return words;
  context.df.continueAsNew({ words });
  return undefined;
});
df.app.orchestration("Begins with a text", function* (context: OrchestrationContext): Quiet {
  if (context.df.getInput() !== "first") return;
  yield context.df.callActivity("Fine");
  context.df.continueAsNew("next");
});
df.app.orchestration("Twice in any", function* (context: OrchestrationContext): Quiet {
  const [first, second] = [context.df.waitForExternalEvent("First"), context.df.callActivity("Fine")];
  yield context.df.Task.any([first, second]);
  yield context.df.Task.any([second, context.df.callActivity("Fine")]);
  yield context.df.callActivity("Fine");
});

const PARTED = "the SDK and the extension have numbered its tasks differently";

it.each([
  ["Retry in all", ["a member of Task.all failed while another one that retries was open", PARTED]],
  ["Failure in all", ["a member of Task.all failed while others were open"]],
  ["Retry in any", ["Task.any was decided"]],
  ["Long timer", ["a timer longer than"]],
  ["Retry in time", ["a call with retries ran into its retryTimeoutInMilliseconds", PARTED]],
  ["Twice in any", [PARTED]],
])("the host warns of a trap once for each orchestrator, and names it: %s", async (name, traps) => {
  for (let run = 0; run < 2; run += 1) {
    await harness.run({ name, inputJson: "{}" });
    await harness.environment.advance(40_000);
  }
  const expected = traps.map((trap) => expect.stringMatching(`^Orchestrator "${name}": ${trap}`));
  expect(harness.logged.toSorted()).toEqual(expected);
});

it("the host warns of an event whose name differs in case", async () => {
  const instanceId = await harness.run({ name: "Other case" });
  await harness.hub.raiseEvent(instanceId, "approval", "true");
  await quiet();
  expect(harness.logged).toEqual([
    expect.stringContaining("an external event came for a wait whose name differs in case"),
  ]);
  expect(await harness.view(instanceId)).toMatchObject({ runtimeStatus: "Running" });
});

it("the host warns of events that continueAsNew drops, and of a text that it quotes", async () => {
  const instanceId = await harness.run({ name: "Begins anew", inputJson: '{"round":0}' });
  for (const name of ["Other", "Go"]) await harness.hub.raiseEvent(instanceId, name, "1");
  await quiet();
  await harness.run({ name: "Begins with a text", inputJson: '"first"' });
  expect(harness.logged).toEqual([
    expect.stringContaining("continueAsNew was called while events were there that nobody had waited for"),
    expect.stringContaining("continueAsNew was given a text"),
  ]);
});

it("the host warns of events that continueAsNew carries over though they were taken in", async () => {
  const instanceId = await harness.run({ name: "Drains in a loop", inputJson: '{"words":[]}' });
  for (const word of ["a", "b", "c", "d"]) {
    await harness.environment.advance(100);
    await harness.hub.raiseEvent(instanceId, "Mail", JSON.stringify(word));
    await quiet();
  }
  await harness.environment.advance(60_000);
  expect((await harness.view(instanceId)).output).toBe('["a","b","c","d","b","c","d"]');
  expect(harness.logged).toEqual([
    expect.stringContaining("continueAsNew carries events over that the SDK had taken in before"),
  ]);
});

it("the host warns when something is numbered between callHttp and its next request", async () => {
  const server = createServer((_request, response) => response.writeHead(202, { location: "/" }).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const id = await harness.run({ name: "Poll race", inputJson: JSON.stringify({ url }) });
  await expect.poll(() => harness.history(id)).toContain(" 5 ");
  await harness.environment.advance(40_000);
  // Both sides have given as many ids, to other tasks: only this warning can tell.
  expect(harness.logged).toEqual([expect.stringContaining("something was scheduled while callHttp waited")]);
  await new Promise((resolve) => server.close(resolve));
});

it("the host warns when a sub-orchestration is terminated", async () => {
  await harness.run({ name: "Parent of a terminated" });
  await harness.hub.terminate("terminated-child", "no");
  await quiet();
  expect(harness.logged).toEqual([expect.stringContaining("a sub-orchestration was terminated")]);
});

it("the host warns of nothing where SDK and extension agree", async () => {
  await harness.run({ name: "Good all" });
  const id = await harness.run({ name: "One by one" });
  for (let n = 0; n < 2; n += 1) await harness.hub.raiseEvent(id, "Go", "1");
  await quiet();
  expect((await harness.view(id)).runtimeStatus).toBe("Completed");
  expect(harness.logged).toEqual([]);
});

it("every trap stands in the documentation", () => {
  const documented = readFileSync(new URL("../../../docs/local-host.md", import.meta.url), "utf8");
  const named = [...documented.matchAll(/^\| `(\w+)` \| (?!\d)/gm)].map(([, name]) => name);
  expect(named).toEqual(expect.arrayContaining(Object.keys(TRAPS)));
});
