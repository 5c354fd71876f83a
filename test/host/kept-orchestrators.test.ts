import { beforeAll, expect, it } from "vitest";
import { type FunctionApp, startFunctionApp } from "../../src/host/app/function-app.ts";
import { eventRaised, executionStarted, orchestratorStarted } from "../../src/host/hub/hub-event.ts";
import { eventValues, orchestrationTrigger } from "../../src/host/hub/trigger.ts";
import { appFolder } from "./support/host-process.ts";

let app: FunctionApp;
beforeAll(async () => {
  app = await startFunctionApp({
    appDir: appFolder("keeping"),
    environment: {},
    clientJson: "{}",
    functionTimeoutMs: null,
    write: () => {},
  });
});

const SETTINGS = { schema: 3, longestTimerMs: 518_400_000, timerLegMs: 259_200_000, httpPollMs: 30_000 } as const;

async function sessionOf(name: string) {
  const start = { instanceId: "ada", executionId: "e", name, version: "", inputJson: null, parent: null };
  const fresh = [orchestratorStarted(0), executionStarted(start, 0)];
  const parts = { past: [], fresh, inputJson: null, instanceId: "ada", parentInstanceId: null };
  const result = await app.invoker.invokeOrchestrator(name, orchestrationTrigger(parts, SETTINGS), "ada");
  expect(result).toMatchObject({ ok: true });
  return result.session;
}

it("keeps an orchestrator that says it may be kept, and goes on with it", async () => {
  const session = await sessionOf("kept");
  const ended = await session?.resume(eventValues([], [orchestratorStarted(1), eventRaised("Go", '"now"', 1)]));
  expect(ended).toMatchObject({ ok: true, returned: { isDone: true, output: "now" } });
  expect(ended?.session).toBeUndefined();
});

it("keeps no other orchestrator", async () => {
  expect(await sessionOf("plain")).toBeUndefined();
});

it.each(["preInvocation", "postInvocation"])("keeps none while a %s hook is to see every episode", async (hook) => {
  const { watchKeepingApp } = globalThis as unknown as { watchKeepingApp: (name: string) => { dispose(): void } };
  const watching = watchKeepingApp(hook);
  expect(await sessionOf("kept")).toBeUndefined();
  watching.dispose();
  expect(await sessionOf("kept")).toBeDefined();
});
