import { expect, it } from "vitest";
import type { RunStatus, RunSummary } from "../../src/wire/status.ts";
import { serveTestApp } from "./support.ts";

const api = serveTestApp();

async function untilStatus(runId: string, isThere: (run: RunStatus) => boolean): Promise<RunStatus> {
  for (let attempt = 0; attempt < 2_000; attempt++) {
    const { body } = await api.get(`workflows/Approval/status/${runId}`);
    if (isThere(body)) return body;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`Run ${runId} did not get there.`);
}

async function waitingRun(runId: string): Promise<void> {
  await api.post(`workflows/Approval/run?runId=${runId}`, { amount: 1500 });
  await untilStatus(runId, (run) => run.waitingForInput.length > 0);
}

it("lists runs newest first, in pages, by status, and those of this workflow only", async () => {
  for (const runId of ["first", "second", "third"]) await waitingRun(runId);
  await api.post("workflows/Approval/cancel/second");
  await untilStatus("second", ({ status }) => status === "Cancelled");
  await api.post("workflows/Greeting/run?waitForResponse=true", "Jerry");
  const idsOf = (runs: readonly RunSummary[]) => runs.map(({ runId }) => runId);

  const { body } = await api.get("workflows/Approval/runs?limit=2");
  expect(body.runs).toMatchObject([
    { runId: "third", workflow: "Approval", status: "Running", superstep: 1, openRequests: 1 },
    { runId: "second", workflow: "Approval", status: "Cancelled", openRequests: 0 },
  ]);
  expect(body.runs[0].version).toMatch(/^[0-9a-f]{16}$/);
  const next = await api.get(`workflows/Approval/runs?limit=2&cursor=${body.nextCursor}`);
  expect([idsOf(next.body.runs), next.body.nextCursor]).toEqual([["first"], null]);

  // Within one second, they are in the order of the backend.
  const oldest = await api.get("workflows/Approval/runs?order=oldest");
  expect(idsOf(oldest.body.runs).toSorted()).toEqual(["first", "second", "third"]);

  expect(idsOf((await api.get("workflows/Approval/runs?status=Running")).body.runs)).toEqual(["third", "first"]);
  expect(idsOf((await api.get("workflows/Approval/runs?status=Failed,Cancelled")).body.runs)).toEqual(["second"]);
});

it.each(["status=running", "status=", "limit=0", "limit=201", "cursor=x", "cursor=", "order=id"])(
  "refuses to list runs by ?%s",
  async (query) => {
    const reply = await api.get(`workflows/Approval/runs?${query}`);
    expect([reply.status, reply.body.code]).toEqual([400, "PARAMETER_INVALID"]);
  },
);

it("suspends and resumes a run; asking for what is so already changes nothing", async () => {
  await waitingRun("held");
  for (const _time of ["once", "again"]) {
    const reply = await api.post("workflows/Approval/suspend/held", { reason: "lunch & coffee?" });
    expect([reply.status, reply.body.runId]).toEqual([202, "held"]);
    await untilStatus("held", ({ status }) => status === "Suspended");
  }
  const respond = { eventName: "Manager", response: { approved: true } };
  expect((await api.post("workflows/Approval/respond/held", respond)).status).toBe(202);
  expect((await api.get("workflows/Approval/status/held")).body.status).toBe("Suspended");
  expect((await api.post("workflows/Approval/resume/held")).status).toBe(202);
  await untilStatus("held", ({ status }) => status === "Completed");
  expect((await api.post("workflows/Approval/suspend/held")).body.code).toBe("RUN_ENDED");
  expect((await api.post("workflows/Approval/resume/held")).body.code).toBe("RUN_ENDED");
});

it("runs again with the same input, under a new id", async () => {
  await waitingRun("model");
  const reply = await api.post("workflows/Approval/rerun/model?runId=copy");
  expect([reply.status, reply.body]).toMatchObject([
    202,
    { runId: "copy", workflow: "Approval", statusUrl: `${api.url}/api/workflows/Approval/status/copy` },
  ]);
  const { waitingForInput } = await untilStatus("copy", (run) => run.waitingForInput.length > 0);
  expect(waitingForInput).toMatchObject([{ eventName: "Manager", input: { amount: 1500 } }]);
  expect((await api.post("workflows/Approval/rerun/model?runId=copy")).body).toMatchObject({
    runId: "copy",
    status: "Running",
  });
  expect((await api.post("workflows/Approval/rerun/model")).body.runId).toMatch(/^[0-9a-f]{32}$/);
});

it("deletes an ended run, and no other", async () => {
  await waitingRun("gone");
  const open = await api.delete("workflows/Approval/runs/gone");
  expect([open.status, open.body.code]).toEqual([409, "RUN_NOT_ENDED"]);
  await api.post("workflows/Approval/cancel/gone");
  await untilStatus("gone", ({ status }) => status === "Cancelled");
  const deleted = await api.delete("workflows/Approval/runs/gone");
  expect([deleted.status, deleted.text]).toEqual([204, ""]);
  expect((await api.get("workflows/Approval/status/gone")).status).toBe(404);
  expect((await api.delete("workflows/Approval/runs/gone")).body.code).toBe("RUN_NOT_FOUND");
});

it("manages a run through its own workflow only", async () => {
  await waitingRun("own");
  const replies = [
    await api.post("workflows/Greeting/suspend/own"),
    await api.post("workflows/Greeting/resume/own"),
    await api.post("workflows/Greeting/rerun/own"),
    await api.delete("workflows/Greeting/runs/own"),
  ];
  expect(replies.map(({ status, body }) => [status, body.code])).toEqual(
    Array.from({ length: 4 }, () => [404, "RUN_NOT_FOUND"]),
  );
  expect((await api.get("workflows/Approval/status/own")).body.status).toBe("Running");
});
