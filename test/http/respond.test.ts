import { describe, expect, it } from "vitest";
import type { RunStatus } from "../../src/wire/status.ts";
import { serveTestApp } from "./support.ts";

const api = serveTestApp();

async function untilStatus(runId: string, isThere: (run: RunStatus) => boolean): Promise<RunStatus> {
  for (let attempt = 0; attempt < 1_000; attempt++) {
    const { body } = await api.get(`workflows/Approval/status/${runId}`);
    if (isThere(body)) return body;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`Run ${runId} did not get there.`);
}

async function waitingRun(runId: string): Promise<string> {
  await api.post(`workflows/Approval/run?runId=${runId}`, { amount: 1500 });
  const { waitingForInput } = await untilStatus(runId, (run) => run.waitingForInput.length > 0);
  return waitingForInput[0]?.requestId ?? "";
}

describe("POST workflows/{name}/respond/{runId}", () => {
  it("answers the request the status shows, and the run goes on", async () => {
    const requestId = await waitingRun("pay");
    const { body } = await api.get("workflows/Approval/status/pay");
    expect(body.waitingForInput).toEqual([
      {
        requestId,
        eventName: "Manager",
        input: { amount: 1500 },
        responseSchema: {
          $schema: "https://json-schema.org/draft/2020-12/schema",
          type: "object",
          properties: { approved: { type: "boolean" }, comments: { type: "string" } },
          required: ["approved"],
        },
        openedAt: expect.stringMatching(/Z$/),
        deadline: null,
      },
    ]);
    const reply = await api.post("workflows/Approval/respond/pay", { requestId, response: { approved: true } });
    expect(reply.status).toBe(202);
    expect(reply.body).toEqual({
      message: "The response was received.",
      runId: "pay",
      requestId,
      eventName: "Manager",
      validated: true,
    });
    expect(await untilStatus("pay", ({ status }) => status === "Completed")).toMatchObject({ output: "paid" });
  });

  it("refuses a response of the wrong shape and leaves the run waiting for the next one", async () => {
    const requestId = await waitingRun("twice");
    const wrong = await api.post("workflows/Approval/respond/twice", {
      eventName: "Manager",
      response: { approved: 1 },
    });
    expect([wrong.status, wrong.body.code]).toEqual([422, "PORT_RESPONSE_INVALID"]);
    expect(wrong.body.errors).toEqual([{ pointer: "/approved", detail: expect.stringContaining("boolean") }]);
    expect((await api.get("workflows/Approval/status/twice")).body.waitingForInput).toMatchObject([{ requestId }]);
    const right = await api.post("workflows/Approval/respond/twice", {
      eventName: "Manager",
      response: { approved: false },
    });
    expect(right.status).toBe(202);
    expect(await untilStatus("twice", ({ status }) => status === "Completed")).toMatchObject({ output: "kept" });
    const late = await api.post("workflows/Approval/respond/twice", { requestId, response: { approved: true } });
    expect([late.status, late.body.code]).toEqual([409, "RUN_ENDED"]);
  });

  it.each([
    [{ response: true }, 422, "RESPOND_BODY_INVALID"],
    [{ eventName: "Manager" }, 422, "RESPOND_BODY_INVALID"],
    [{ eventName: 7, response: true }, 422, "RESPOND_BODY_INVALID"],
    [[], 422, "RESPOND_BODY_INVALID"],
    [{ eventName: "Nobody", response: true }, 404, "REQUEST_NOT_FOUND"],
    [{ requestId: "manager-9-00000000", response: true }, 404, "REQUEST_NOT_FOUND"],
  ])("answers %j with %i %s", async (body, status, code) => {
    const runId = `body-${code}-${JSON.stringify(body).length}`;
    await waitingRun(runId);
    const reply = await api.post(`workflows/Approval/respond/${runId}`, body);
    expect([reply.status, reply.body.code]).toEqual([status, code]);
  });

  it("does not take text", async () => {
    await waitingRun("text");
    expect((await api.post("workflows/Approval/respond/text", "yes")).body.code).toBe("CONTENT_TYPE_UNSUPPORTED");
  });
});

describe("POST workflows/{name}/cancel/{runId}", () => {
  it("ends a run that waits, once", async () => {
    const requestId = await waitingRun("cancelled");
    const reply = await api.post("workflows/Approval/cancel/cancelled", { reason: "not needed" });
    expect([reply.status, reply.body.runId]).toEqual([202, "cancelled"]);
    const run = await untilStatus("cancelled", ({ status }) => status === "Cancelled");
    expect(run).toMatchObject({ waitingForInput: [], output: null, error: null });
    const { events } = (await api.get("workflows/Approval/events/cancelled")).body;
    expect(events.at(-1)).toMatchObject({ type: "runCancelled", reason: "not needed" });
    expect((await api.post("workflows/Approval/cancel/cancelled")).body.code).toBe("RUN_ENDED");
    const answer = await api.post("workflows/Approval/respond/cancelled", { requestId, response: { approved: true } });
    expect(answer.body.code).toBe("RUN_ENDED");
  });

  it("needs no body, and takes no other reason than text", async () => {
    await waitingRun("bodies");
    const wrong = await api.post("workflows/Approval/cancel/bodies", { reason: 7 });
    expect([wrong.status, wrong.body.code]).toEqual([400, "PARAMETER_INVALID"]);
    expect((await api.post("workflows/Approval/cancel/bodies")).status).toBe(202);
  });
});

describe("GET workflows/{name}/events/{runId}", () => {
  it("tells what happened, and goes on behind a number", async () => {
    await waitingRun("told");
    const { body } = await api.get("workflows/Approval/events/told");
    expect(body.events.map(({ number, type }: { number: number; type: string }) => `${number} ${type}`)).toEqual([
      "1 runStarted",
      "2 executorStarted",
      "3 requestOpened",
    ]);
    expect(body.events[2]).toMatchObject({ executorId: "Manager", request: { amount: 1500 } });
    expect(body.nextAfter).toBe(3);
    const nothing = await api.get("workflows/Approval/events/told?after=3");
    expect(nothing.body).toEqual({ events: [], nextAfter: 3, hasEnded: false });
    expect((await api.get("workflows/Approval/events/told?after=2")).body.events).toHaveLength(1);
    expect((await api.get("workflows/Approval/events/told?after=x")).body.code).toBe("PARAMETER_INVALID");
  });
});

describe("a run is reached through its own workflow only", () => {
  it("and looks elsewhere like a run that does not exist", async () => {
    await waitingRun("mine");
    const body = { eventName: "Manager", response: { approved: true } };
    const replies = (runId: string) =>
      Promise.all([
        api.get(`workflows/Greeting/status/${runId}`),
        api.get(`workflows/Greeting/events/${runId}`),
        api.post(`workflows/Greeting/respond/${runId}`, body),
        api.post(`workflows/Greeting/cancel/${runId}`),
      ]);
    const shapeOf = ({ status, text }: { status: number; text: string }) => [
      status,
      text.replaceAll(/mine|none/g, "?"),
    ];
    const foreign = (await replies("mine")).map(shapeOf);
    expect(foreign).toEqual((await replies("none")).map(shapeOf));
    expect(foreign.map(([status]) => status)).toEqual([404, 404, 404, 404]);
    expect((await api.get("workflows/Approval/status/mine")).body.status).toBe("Running");
  });

  it.each(["%40entity%40key", "a%5Cb", "%20", "x".repeat(101)])(
    "and so does the id %s, which no run can have",
    async (id) => {
      const { status, body } = await api.get(`workflows/Approval/status/${id}`);
      expect([status, body.code]).toEqual([404, "RUN_NOT_FOUND"]);
    },
  );
});
