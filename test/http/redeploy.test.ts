import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttpRunner } from "../../src/client/index.ts";
import { checkDeployment, type DeploymentReport } from "../../src/deployment/index.ts";
import { readRecordedPlans } from "../../src/functions/recorded-plans.ts";
import { recordedPlanPath, recordPlan } from "../../src/graph/record.ts";
import type { Run, RunStatus, Workflow } from "../../src/index.ts";
import { type HostProcess, startHostProcess } from "../host/support/host-process.ts";
import { type Build, builds } from "./apps/builds.ts";

/**
 * Runs wait at a port while the app under them is changed: a host with the build before, then one with the build after over
 * the same data, then the build before again, which has what the one after lacks.
 */

const MINUTE_MS = 60_000;
const appDir = fileURLToPath(new URL("./apps/redeployed", import.meta.url));
const clockAhead = new URL("../support/clock-ahead.mjs", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "redeploy-"));
const plansDir = join(folder, "plans");
let host: HostProcess | undefined;
let url = "";

beforeAll(() => {
  // As `npm run plans` keeps them: those of both builds.
  for (const workflow of [...builds.before.workflows, ...builds.after.workflows]) {
    const file = join(plansDir, recordedPlanPath(workflow));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(recordPlan(workflow)));
  }
});

afterAll(async () => {
  await host?.end("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** Puts another build in the place of the one that runs. */
async function deploy(build: Build, { clockAheadMs = 0 } = {}): Promise<void> {
  await host?.end("SIGTERM");
  host = startHostProcess(["--app", appDir, "--data", join(folder, "data"), "--port", "0"], {
    BUILD: build,
    PLANS: plansDir,
    NODE_OPTIONS: `--import=${clockAhead}`,
    CLOCK_AHEAD_MS: String(clockAheadMs),
  });
  url = await host.ready;
}

type AnyWorkflow = Workflow<unknown, unknown, string, never>;
type AnyRun = Run<unknown, never>;

/** By name, the types of inputs and ports are not known. */
function workflowOf(name: string): AnyWorkflow {
  const { workflows } = name === "Gone" ? builds.before : builds.after;
  return workflows.find((one) => one.name === name) as unknown as AnyWorkflow;
}

function runOf(name: string, runId: string): AnyRun {
  return createHttpRunner({ url }).open(workflowOf(name), runId) as AnyRun;
}

async function startWaiting(name: string, runId: string): Promise<void> {
  const run = (await createHttpRunner({ url }).start(workflowOf(name), 0, { runId })) as AnyRun;
  await run.nextRequest("Ask" as never);
}

async function answer(name: string, runId: string, response: number): Promise<AnyRun> {
  const run = runOf(name, runId);
  await run.respond("Ask" as never, response as never);
  return run;
}

function versionOf(build: Build, name: string): string | undefined {
  return builds[build].workflows.find((one) => one.name === name)?.plan.fingerprint;
}

/** Waits until an executor of the run waits for a deployment. */
async function untilPutOff(run: AnyRun, executorId: string): Promise<RunStatus> {
  for (;;) {
    const status = await run.status();
    if (status.status !== "Running") throw new Error(`The run does not wait: ${JSON.stringify(status)}`);
    if (status.executors.some(({ id, nextAttemptAt }) => id === executorId && nextAttemptAt !== undefined))
      return status;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function orderOfCalls(run: AnyRun): Promise<string[]> {
  const calls: string[] = [];
  for await (const event of run.events()) if (event.type === "executorStarted") calls.push(event.executorId);
  return calls;
}

const check = (build: Build): Promise<DeploymentReport> =>
  checkDeployment({ catalog: builds[build], recordedPlans: readRecordedPlans(plansDir), host: { url } });

const OLD = ["Renamed", "Removed", "Reordered", "Resized", "Unconditional", "Gone"];

describe("a deployment while runs wait", () => {
  it("is looked at before: which open runs the new build cannot finish, and which plans nobody needs", async () => {
    await deploy("before");
    for (const name of OLD) await startWaiting(name, `old-${name}`);
    const report = await check("after");
    expect(report.openRuns).toBe(6);
    expect(report.unfinishable.map(({ workflow, runIds, missing }) => [workflow, runIds, missing])).toEqual([
      ["Renamed", ["old-Renamed"], [missing("Renamed", "Pay", "the executor is not in the build")]],
      ["Removed", ["old-Removed"], [missing("Removed", "Extra", "the executor is not in the build")]],
      [
        "Unconditional",
        ["old-Unconditional"],
        [missing("Unconditional", "Ask", "the build lacks the condition of an edge that starts there")],
      ],
      [
        "Gone",
        ["old-Gone"],
        ["Ask", "Last"].map((executorId) => missing("Gone", executorId, "the workflow is not in the build")),
      ],
    ]);
    expect(report.unfinishable.find(({ workflow }) => workflow === "Renamed")?.diff).toEqual([
      "- executor Pay",
      "+ executor PayOut",
      "- edge Ask->Pay",
      "+ edge Ask->PayOut",
      '~ outputs: ["Pay"] → ["PayOut"]',
    ]);
    expect(report.unknown).toEqual([]);
    expect(report.deletable).toEqual([]);
  });

  it("lets old runs finish on the old graph, where the new build has all they need", async () => {
    await deploy("after");
    const reordered = await answer("Reordered", "old-Reordered", 5);
    expect(await reordered.outputs()).toEqual([[6, 7]]);
    expect(await orderOfCalls(reordered)).toEqual(["Ask", "Ask", "First", "Second", "Join"]);
    expect((await reordered.status()).version).toBe(versionOf("before", "Reordered"));
    // A condition is code, as handlers are: what counts is what it answers now.
    const resized = await answer("Resized", "old-Resized", 50);
    expect(await resized.outputs()).toEqual([1_050]);
  });

  it("starts new runs on the new graph", async () => {
    const results: Record<string, unknown> = {};
    for (const name of ["Renamed", "Removed", "Reordered", "Resized", "Unconditional"]) {
      await startWaiting(name, `new-${name}`);
      const run = await answer(name, `new-${name}`, 5);
      results[name] = (await run.outputs())[0];
      expect((await run.status()).version, name).toBe(versionOf("after", name));
    }
    expect(results).toEqual({ Renamed: 7, Removed: 105, Reordered: [7, 6], Resized: 1_005, Unconditional: 105 });
    expect(await orderOfCalls(runOf("Reordered", "new-Reordered"))).toEqual(["Ask", "Ask", "Second", "First", "Join"]);
  });

  it("puts off what the new build lacks, an executor or a condition, and the status says so", async () => {
    const putOff = { Renamed: "Pay", Removed: "Extra", Unconditional: "Ask" };
    for (const [name, executorId] of Object.entries(putOff)) {
      const run = await answer(name, `old-${name}`, 5);
      const { executors, updatedAt } = await untilPutOff(run, executorId);
      const executor = executors.find(({ id }) => id === executorId);
      expect(executor, name).toMatchObject({ isNotDeployed: true });
      const waitMs = Date.parse(executor?.nextAttemptAt ?? "") - Date.parse(updatedAt);
      expect(waitMs).toBeGreaterThan(MINUTE_MS - 2_000);
      expect(waitMs).toBeLessThanOrEqual(MINUTE_MS + 2_000);
    }
  });

  it("says which recorded plans may be deleted: those of no open run, and not of the build", async () => {
    const report = await check("after");
    // Conditions are code, and in no plan: Resized has one version before and after.
    expect(versionOf("before", "Resized")).toBe(versionOf("after", "Resized"));
    expect(report.deletable).toEqual([`Reordered/${versionOf("before", "Reordered")}`]);
    expect(report.unseen).toEqual(["Gone"]);
    expect(report.openRuns).toBe(3);
  });

  it("goes on with them once a build has it again, on the graph they were started with", async () => {
    await deploy("before", { clockAheadMs: 2 * MINUTE_MS });
    await answer("Gone", "old-Gone", 5);
    const results: Record<string, unknown> = {};
    for (const name of ["Renamed", "Removed", "Unconditional", "Gone"]) {
      const run = runOf(name, `old-${name}`);
      results[name] = (await run.outputs())[0];
      const { version, executors } = await run.status();
      expect(version, name).toBe(versionOf("before", name));
      expect(
        executors.some((one) => "isNotDeployed" in one || "nextAttemptAt" in one),
        name,
      ).toBe(false);
    }
    expect(results).toEqual({ Renamed: 6, Removed: 115, Unconditional: 105, Gone: 105 });
    // The call that found nothing is the same call, at the same attempt.
    expect(await orderOfCalls(runOf("Renamed", "old-Renamed"))).toEqual(["Ask", "Ask", "Pay", "Pay"]);
  });
});

function missing(workflow: string, executorId: string, reason: string) {
  return { workflow, executorId, reason };
}
