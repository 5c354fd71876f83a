import { HttpRequest, InvocationContext } from "@azure/functions";
import { expect, it } from "vitest";
import { WorkflowError } from "../errors.ts";
import { answer, json } from "./answer.ts";

async function answered(thrown: unknown) {
  const log: unknown[] = [];
  const context = new InvocationContext({ logHandler: (level, ...words) => log.push([level, ...words]) });
  const request = new HttpRequest({ method: "GET", url: "http://localhost:7071/api/workflows/A/status/r?code=key" });
  const reply = await answer(async () => {
    throw thrown;
  })(request, context);
  return { status: reply.status, body: JSON.parse(String(reply.body)), headers: reply.headers, log };
}

it("turns an error into a problem, with JSON pointers and without the query", async () => {
  const issues = [{ pointer: "/amount", message: "expected a number" }];
  const error = new WorkflowError("RUN_INPUT_INVALID", "The input does not fit.", "Send another one.", { issues });
  const { status, body, headers, log } = await answered(error);
  expect(status).toBe(422);
  expect(body).toEqual({
    type: "urn:durable-workflows:error:RUN_INPUT_INVALID",
    title: "Run input invalid",
    status: 422,
    detail: "The input does not fit. Send another one.",
    instance: "/api/workflows/A/status/r",
    code: "RUN_INPUT_INVALID",
    errors: [{ pointer: "/amount", detail: "expected a number" }],
  });
  expect(headers).toEqual({
    "cache-control": "no-store",
    "content-type": "application/problem+json",
    "x-content-type-options": "nosniff",
  });
  expect(log).toEqual([]);
});

it.each([
  ["an error of some library", new Error("password=hunter2 at /srv/app/secret.ts")],
  ["an error of ours that is no caller's affair", new WorkflowError("PLAN_INVALID", "/plans/x is broken.", "Fix it.")],
  ["anything else", "password=hunter2"],
])("says the same of %s, and tells the log", async (_what, thrown) => {
  const { status, body, log } = await answered(thrown);
  expect(status).toBe(500);
  expect(body).toEqual({
    type: "urn:durable-workflows:error:INTERNAL_ERROR",
    title: "Internal error",
    status: 500,
    detail: "Something went wrong that the app did not foresee. Look into the log of the host for the reason.",
    instance: "/api/workflows/A/status/r",
    code: "INTERNAL_ERROR",
    errors: [],
  });
  expect(log).toEqual([["error", thrown]]);
});

it.each([
  [0.4, "RUN_NOT_FOUND", [24.6]],
  [24, "RUN_NOT_FOUND", [1]],
  [30, "RUN_NOT_FOUND", [20]],
  [0.4, "REQUEST_NOT_FOUND", []],
] as const)("holds an answer after %f ms with %s back by %j ms", async (tookMs, code, waited) => {
  let nowMs = 1_000;
  const waits: number[] = [];
  const clock = { nowMs: () => nowMs, delay: async (timeMs: number) => void waits.push(Number(timeMs.toFixed(6))) };
  const request = new HttpRequest({ method: "GET", url: "http://localhost:7071/api/workflows/A/status/r" });
  const door = answer(async () => {
    nowMs += tookMs;
    throw new WorkflowError(code, "There is none.", "Check the id.");
  }, clock);
  expect((await door(request, new InvocationContext())).status).toBe(404);
  expect(waits).toEqual(waited);
});

it("passes on what a door answers", async () => {
  const request = new HttpRequest({ method: "GET", url: "http://localhost:7071/api/health" });
  const reply = await answer(async () => json(202, { runId: "r" }, { location: "/x" }))(
    request,
    new InvocationContext(),
  );
  expect(reply).toEqual({
    status: 202,
    headers: {
      "cache-control": "no-store",
      "content-type": "application/json",
      location: "/x",
      "x-content-type-options": "nosniff",
    },
    body: '{"runId":"r"}',
  });
});
