import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalHost, startLocalHost } from "../../src/host/local-host.ts";
import { appFolder } from "./support/host-process.ts";

const dataDir = mkdtempSync(join(tmpdir(), "host-orchestrations-"));
const lines: string[] = [];
let host: LocalHost;

const startHost = () =>
  startLocalHost({
    appDir: appFolder("foreign"),
    dataDir,
    port: 0,
    write: (level, message) => lines.push(`${level}: ${message}`),
  });

beforeAll(async () => {
  host = await startHost();
});

afterAll(async () => {
  await host.close();
  rmSync(dataDir, { recursive: true, force: true });
});

interface Status {
  readonly instanceId: string;
  readonly runtimeStatus: string;
  readonly output: unknown;
  readonly customStatus: unknown;
  readonly historyEvents?: readonly { readonly EventType: string }[];
}

async function start(
  name: string,
  input?: unknown,
  id = "",
): Promise<{ readonly id: string; readonly statusUrl: string }> {
  const response = await fetch(`${host.url}/api/start/${name}/${id}`, {
    method: "POST",
    ...(input === undefined ? {} : { body: JSON.stringify(input) }),
  });
  expect(response.status).toBe(202);
  const links = (await response.json()) as { id: string; statusQueryGetUri: string };
  return { id: links.id, statusUrl: links.statusQueryGetUri };
}

async function client(method: string, ...args: unknown[]): Promise<unknown> {
  const body = JSON.stringify(args);
  const answer = await (await fetch(`${host.url}/api/client/${method}`, { method: "POST", body })).json();
  return (answer as { resolved: unknown }).resolved;
}

const MAX_WAIT_MS = 20_000;
const LOOK_AGAIN_MS = 10;

/**
 * Asks for the status until it is as expected. By the wall clock, since host and app run as they do for users: over real
 * HTTP, with the real clock. The wait ends before vitest ends the test, so that the message shows the log.
 */
async function until(statusUrl: string, isThere: (status: Status) => boolean): Promise<Status> {
  const giveUpAt = performance.now() + MAX_WAIT_MS;
  while (performance.now() < giveUpAt) {
    const status = (await (await fetch(statusUrl)).json()) as Status;
    if (isThere(status)) return status;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  throw new Error(`${statusUrl} did not get there. The log: ${lines.join("\n")}`);
}

const hasEnded = ({ runtimeStatus }: Status) => ["Completed", "Failed", "Terminated"].includes(runtimeStatus);

async function run(name: string, input?: unknown): Promise<Status> {
  const { statusUrl } = await start(name, input);
  return until(statusUrl, hasEnded);
}

describe("a foreign app on the local host", () => {
  it("runs activities one after another, with a custom status on the way", async () => {
    expect(await run("sequence", { value: 1 })).toMatchObject({
      runtimeStatus: "Completed",
      output: { value: 3 },
      customStatus: { at: 2 },
    });
  });

  it("runs activities at once, and joins their results in order", async () => {
    expect((await run("fanOut")).output).toEqual([2, 3, 4, 5, 6]);
  });

  it("hands values to activities and back as production does", async () => {
    expect((await run("values")).output).toEqual([
      "undefined",
      "undefined",
      "string text",
      // The SDK quotes a string once more, so text that looks like a number stays text.
      "string 7",
      "number 7",
      "number 0.25",
      // A bare boolean is the trap: .NET prints it in its own spelling.
      "string True",
      "string False",
      "object [object Object]",
      "object 1,2",
      null,
      0.5,
      "Ynl0ZXM=",
    ]);
    expect(lines.join("\n")).toContain('Activity "typeOf" is called with a bare boolean.');
  });

  it("runs sub-orchestrations by made and by given id, and catches their failure", async () => {
    expect((await run("parent")).output).toEqual({ child: { value: 12 }, named: { value: 22 }, failed: true });
  });

  it("retries an activity until it succeeds, and gives up after the last attempt", async () => {
    expect((await run("retries", { failures: 2 })).output).toEqual({ attempt: 3 });
    const failed = await run("retries", { failures: 9 });
    expect(failed.runtimeStatus).toBe("Failed");
    expect(failed.output).toContain("attempt 3 fails");
  });

  it("fails with the text of the extension when the orchestrator throws", async () => {
    const status = await run("throws", { text: "this is why" });
    expect(status.runtimeStatus).toBe("Failed");
    expect(status.output).toMatch(/^Orchestrator function 'throws' failed: .*this is why/s);
  });

  it("waits for an event or a timer, whichever comes first", async () => {
    const answered = await start("approval", { timeoutMs: 60_000 });
    await client("raiseEvent", answered.id, "Approval", { approved: true });
    expect((await until(answered.statusUrl, hasEnded)).output).toEqual({ approved: true });
    expect((await run("approval", { timeoutMs: 20 })).output).toBe("timed out");
  });

  it("takes in an event that came before its run waits for it", async () => {
    const { id, statusUrl } = await start("countDown", { left: 0, sum: 1 });
    await client("raiseEvent", id, "Approval", 1);
    expect((await until(statusUrl, hasEnded)).output).toBe(2);
  });

  it("continues as new with a fresh history", async () => {
    const { statusUrl } = await start("countDown", { left: 3, sum: 0 });
    await until(statusUrl, hasEnded);
    const { output, historyEvents = [] } = (await (await fetch(`${statusUrl}&showHistory=true`)).json()) as Status;
    expect([output, historyEvents.map(({ EventType }) => EventType)]).toEqual([
      4,
      ["ExecutionStarted", "TaskCompleted", "ExecutionCompleted"],
    ]);
  });

  it("suspends, resumes, terminates and purges", async () => {
    const { id, statusUrl } = await start("approval", { timeoutMs: 60_000 });
    await until(statusUrl, ({ runtimeStatus }) => runtimeStatus === "Running");
    await client("suspend", id, "lunch");
    await until(statusUrl, ({ runtimeStatus }) => runtimeStatus === "Suspended");
    await client("resume", id, "back");
    await until(statusUrl, ({ runtimeStatus }) => runtimeStatus === "Running");
    await client("terminate", id, "enough & done");
    // The SDK does not encode the reason, so "&" cuts it, as in production.
    expect(await until(statusUrl, hasEnded)).toMatchObject({ runtimeStatus: "Terminated", output: "enough " });
    expect(await client("purgeInstanceHistory", id)).toEqual({ instancesDeleted: 1 });
    expect((await fetch(statusUrl)).status).toBe(404);
  });

  it("refuses to start an instance whose id is running", async () => {
    await start("approval", { timeoutMs: 60_000 }, "taken");
    const response = await fetch(`${host.url}/api/start/approval/taken`, { method: "POST", body: "{}" });
    expect(response.status).toBe(500);
    expect(await client("getStatus", "taken")).toMatchObject({ instanceId: "taken" });
    await client("terminate", "taken", "end");
  });

  it("lists instances by status, and purges the ended ones", async () => {
    const filter = { createdTimeFrom: "2026-01-01T00:00:00.000Z", runtimeStatus: ["Completed"] };
    const completed = (await client("getStatusBy", { filter })) as Status[];
    expect(completed.length).toBeGreaterThan(8);
    expect(new Set(completed.map(({ runtimeStatus }) => runtimeStatus))).toEqual(new Set(["Completed"]));
    expect(await client("purgeInstanceHistoryBy", { filter })).toEqual({ instancesDeleted: completed.length });
    expect(await client("getStatusBy", { filter })).toEqual([]);
  });

  it("goes on after a clean stop with what was open", async () => {
    const { id } = await start("approval", { timeoutMs: 60_000 }, "over-the-night");
    await host.close();
    host = await startHost();
    await client("raiseEvent", id, "Approval", "good morning");
    const waited = await fetch(`${host.url}/api/wait/${id}`, { method: "POST" });
    expect(await waited.json()).toBe("good morning");
  });
});
