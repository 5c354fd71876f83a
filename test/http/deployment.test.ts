import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { z } from "zod";
import { createHttpRunner } from "../../src/client/index.ts";
import { checkDeployment } from "../../src/deployment/index.ts";
import { readRecordedPlans } from "../../src/functions/recorded-plans.ts";
import { defineCatalog, defineExecutor, defineRequestPort, WorkflowBuilder } from "../../src/index.ts";
import { catalog as served } from "../conformance/workflows.ts";
import { serveTestApp } from "./support.ts";

const api = serveTestApp("conformance");
const recordedPlans = served.workflows.map(({ plan }) => plan);

async function waitingRun(runId: string): Promise<void> {
  const run = await createHttpRunner({ url: api.url }).start(served.get("TwoApprovals"), "a desk", { runId });
  await run.nextRequest("Manager");
}

it("finds nothing to say against the build that is deployed", async () => {
  await waitingRun("open-1");
  const report = await checkDeployment({ catalog: served, recordedPlans, host: { url: api.url } });
  expect(report).toEqual({ openRuns: 1, unfinishable: [], unknown: [], unseen: [], deletable: [] });
});

it("names the open runs a build cannot finish, by executor, and keeps their plan", async () => {
  await waitingRun("open-2");
  const text = z.string();
  const ask = defineExecutor({ id: "Ask", input: text, output: text, handle: (subject) => subject });
  const manager = defineRequestPort({ id: "Manager", request: text, response: text });
  const finance = defineExecutor({ id: "Finance", input: text, output: text, handle: (subject) => subject });
  const build = new WorkflowBuilder("TwoApprovals", ask).addEdge(ask, manager).addEdge(ask, finance).build();
  const catalog = defineCatalog([build]);
  const report = await checkDeployment({
    catalog,
    recordedPlans: [...recordedPlans, build.plan],
    host: { url: api.url },
  });
  const version = served.get("TwoApprovals").plan.fingerprint;
  expect(report.unfinishable).toMatchObject([
    {
      workflow: "TwoApprovals",
      version,
      runIds: expect.arrayContaining(["open-1", "open-2"]),
      missing: [
        { executorId: "Finance", reason: "it was a port, and is an executor in the build" },
        { executorId: "Verdict", reason: "the executor is not in the build" },
      ],
    },
  ]);
  expect(report.unfinishable[0]?.diff).toContain("- executor Verdict");
  expect(report.deletable).not.toContain(`TwoApprovals/${version}`);
  expect(report.deletable).not.toContain(`TwoApprovals/${build.plan.fingerprint}`);
  expect(report.deletable).toContain(`Chain/${served.get("Chain").plan.fingerprint}`);
});

it("says which runs it knows nothing of, and which workflows the host does not show", async () => {
  const other = new WorkflowBuilder("Elsewhere", defineExecutor({ id: "A", input: z.string(), handle() {} })).build();
  const report = await checkDeployment({
    catalog: defineCatalog([]),
    recordedPlans: [other.plan],
    host: { url: api.url },
  });
  expect(report.unknown).toMatchObject([{ workflow: "TwoApprovals", runIds: expect.arrayContaining(["open-1"]) }]);
  expect(report.unseen).toEqual(["Elsewhere"]);
  expect(report.deletable).toEqual([]);
});

it("is a command, which fails while a run could not be finished", async () => {
  const script = fileURLToPath(new URL("../../scripts/check-deploy.ts", import.meta.url));
  const run = promisify(execFile);
  const failed = await run(process.execPath, [script, "--host", api.url]).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining("open runs of TwoApprovals/") });
  await expect(run(process.execPath, [script])).rejects.toMatchObject({ code: 2 });
});

it("as a command tells two recorded plans apart, and fails where one is not recorded", async () => {
  const script = fileURLToPath(new URL("../../scripts/check-deploy.ts", import.meta.url));
  const diff = (...names: string[]) => promisify(execFile)(process.execPath, [script, "--diff", ...names]);
  const [recorded] = readRecordedPlans(fileURLToPath(new URL("../../plans", import.meta.url)));
  const name = `${recorded?.workflow}/${recorded?.fingerprint}`;
  expect((await diff(name, name)).stdout).toBe("The two plans are the same.\n");
  await expect(diff(name, "CancelOrder/0000000000000000")).rejects.toMatchObject({ code: 2 });
});
