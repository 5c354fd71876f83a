import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { createHttpRunner, createWorkflowClient } from "../../src/client/index.ts";
import { startLocalHost } from "../../src/host/local-host.ts";
import type { catalog } from "../conformance/workflows.ts";
import { catalog as conformance } from "../conformance/workflows.ts";
import { serveTestApp } from "./support.ts";

const api = serveTestApp("conformance");
const client = () => createWorkflowClient<typeof catalog>({ url: api.url });

it("starts, answers and reads a run by the name of its workflow", async () => {
  const run = await client().start("TwoApprovals", "a desk", { runId: "by-name" });
  const request = await run.nextRequest("Manager");
  expect([run.runId, request.port, request.request]).toEqual(["by-name", "Manager", { subject: "a desk" }]);
  await request.respond({ approved: true });
  await run.respond("Finance", { approved: true });
  expect(await run.output()).toBe("yes (none), yes (none)");
  expect((await client().open("TwoApprovals", "by-name").status()).status).toBe("Completed");
});

it("throws what other runners throw", async () => {
  const wrong = client().start("Chain", "four" as never);
  await expect(wrong).rejects.toMatchObject({ code: "RUN_INPUT_INVALID", issues: [{ pointer: "" }] });
  await expect(client().start("Chain", { at: new Date() } as never)).rejects.toMatchObject({ code: "VALUE_NOT_JSON" });
  await expect(client().open("Chain", "nobody").status()).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  await expect(client().open("Chain", "..").status()).rejects.toMatchObject({ code: "RUN_ID_INVALID" });
  await expect(client().start("Nowhere" as never, 1 as never)).rejects.toMatchObject({ code: "WORKFLOW_NOT_FOUND" });
});

it("gives up waiting when the time is up, and leaves the run alone", async () => {
  const run = await client().start("TwoApprovals", "a chair");
  await expect(run.wait({ timeoutMs: 50 })).rejects.toMatchObject({ code: "RUN_TIMED_OUT_WAITING" });
  expect((await run.status()).status).toBe("Running");
});

it("waits on while the host restarts", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "durable-workflows-client-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const appDir = fileURLToPath(new URL("./apps/conformance", import.meta.url));
  const start = (port: number) => startLocalHost({ appDir, dataDir, port, write: () => {} });
  const before = await start(0);
  const runner = createHttpRunner({ url: before.url });
  const run = await runner.start(conformance.get("TwoApprovals"), "a lamp");
  await run.nextRequest("Manager");
  const output = run.output();
  const story: string[] = [];
  const told = (async () => {
    for await (const { type } of run.events()) story.push(type);
  })();
  await before.close();

  const after = await start(Number(new URL(before.url).port));
  onTestFinished(() => after.close());
  await run.respond("Manager", { approved: true });
  await run.respond("Finance", { approved: true });
  expect(await output).toBe("yes (none), yes (none)");
  await told;
  expect([story[0], story.at(-1)]).toEqual(["runStarted", "runCompleted"]);
  expect(story.filter((type) => type === "requestOpened")).toHaveLength(2);
});
