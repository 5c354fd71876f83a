import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createScriptedClient, defineAgent } from "../../src/agents/index.ts";
import { createAgentClient } from "../../src/client/index.ts";
import { checkDeployment } from "../../src/deployment/index.ts";
import { defineCatalog } from "../../src/index.ts";
import { forget } from "../support/agent-parts.ts";
import { gates } from "./gates.ts";
import { serveTestApp } from "./support.ts";

const api = serveTestApp("agents");
const model = createScriptedClient([]);
/** The graphs of the agents that the app serves. */
const parrot = defineAgent({ id: "Parrot", instructions: "", model, retry: { maxAttempts: 1, firstDelayMs: 1 } });
const clerk = defineAgent({ id: "Clerk", instructions: "", model, tools: [forget] });
const catalog = defineCatalog([]);
const recordedPlans = [parrot.plan, clerk.plan];
const agents = () => createAgentClient({ url: api.url });

beforeAll(async () => {
  const say = (agent: string, runId: string, message: string) =>
    api.post(`agents/${agent}/run?waitForResponse=false&runId=${runId}`, { message, threadId: "deploy" });
  await say("Parrot", "thinks", "wait deploy");
  await vi.waitUntil(async () => (await agents().turn("Parrot", "thinks")).status === "Running", 10_000);
  await say("Parrot", "waits", "never");
  await say("Clerk", "asks", "Ada");
  await vi.waitUntil(async () => (await agents().turn("Clerk", "asks")).waitingForInput.length === 1, 10_000);
});
afterAll(() => gates.get("deploy").open());

it("lists the runs of an agent, also one that waits for its thread", async () => {
  const version = parrot.plan.fingerprint;
  const { status, body } = await api.get("agents/Parrot/runs?status=Pending,Running&order=oldest");
  expect(status).toBe(200);
  const seen = body.runs.map(({ runId, workflow, status }: Record<string, string>) => [runId, workflow, status]);
  expect(seen).toHaveLength(2);
  expect(seen).toEqual(
    expect.arrayContaining([
      ["thinks", "Parrot", "Running"],
      ["waits", "Parrot", "Pending"],
    ]),
  );
  const pending = await api.get("agents/Parrot/runs?status=Pending");
  expect(pending.body.runs).toMatchObject([{ runId: "waits", version, superstep: 0, openRequests: 0 }]);
  expect((await api.get("agents/Parrot/runs?status=Failed")).body.runs).toEqual([]);
  expect((await agents().turn("Parrot", "waits")).version).toBe(version);
});

it("finds nothing to say against a build with the agents that are served", async () => {
  const report = await checkDeployment({ catalog, agents: [parrot, clerk], recordedPlans, host: { url: api.url } });
  expect(report).toEqual({ openRuns: 3, unfinishable: [], unknown: [], unseen: [], deletable: [] });
});

it("names the runs of agents that a build cannot finish, and keeps their plans", async () => {
  const changed = defineAgent({ id: "Clerk", instructions: "", model });
  const report = await checkDeployment({ catalog, agents: [changed], recordedPlans, host: { url: api.url } });
  expect(report.unfinishable).toMatchObject([
    {
      workflow: "Parrot",
      version: parrot.plan.fingerprint,
      runIds: expect.arrayContaining(["thinks", "waits"]),
      missing: [{ executorId: "Turn", reason: "the workflow is not in the build" }],
    },
    {
      workflow: "Clerk",
      runIds: ["asks"],
      missing: [
        { executorId: "NextTurn", reason: "the executor is not in the build" },
        { executorId: "forget" },
        { executorId: "ToolFailed" },
        { executorId: "approve_forget", reason: "the port is not in the build" },
      ],
    },
  ]);
  expect(report.deletable).toEqual([]);
});

/** Puts an answer in the place of the host's own at one route. */
const answering = (part: string, response: () => Response) => ({
  url: api.url,
  retryForMs: 0,
  fetch: async (url: URL | string | Request, init?: RequestInit) =>
    new URL(String(url)).pathname.endsWith(part) ? response() : globalThis.fetch(url, init),
});

it.each([
  ["/agents", 401],
  ["/agents", 403],
  ["/agents", 500],
  ["/agents/Clerk/runs", 401],
  ["/agents/Clerk/runs", 500],
])("passes on that %s answers %i, instead of taking it for a host without agents", async (part, status) => {
  const host = answering(part, () => new Response("", { status }));
  await expect(checkDeployment({ catalog, agents: [parrot, clerk], recordedPlans, host })).rejects.toMatchObject({
    code: "ANSWER_UNEXPECTED",
    message: expect.stringContaining(`answered ${status} with no body`),
  });
});

it.each(["/agents", "/agents/Clerk/runs"])("passes on that a proxy answers %s with a page of its own", async (part) => {
  const host = answering(part, () => new Response("<html>Sign in</html>"));
  await expect(checkDeployment({ catalog, agents: [parrot, clerk], recordedPlans, host })).rejects.toMatchObject({
    code: "ANSWER_UNEXPECTED",
  });
});

it("says of a host without agents that it has none", async () => {
  const host = answering("/agents", () => new Response("", { status: 404 }));
  const report = await checkDeployment({ catalog, agents: [parrot, clerk], recordedPlans, host });
  expect(report).toEqual({ openRuns: 0, unfinishable: [], unknown: [], unseen: [], deletable: [] });
});

it("names an agent whose waiting turns it cannot see, also when the host serves it as a workflow, too", async () => {
  const list = JSON.stringify({ workflows: [{ name: "Clerk" }] });
  const { fetch, ...host } = answering("/agents/Clerk/runs", () => new Response("", { status: 404 }));
  const asWorkflow = async (url: URL | string | Request, init?: RequestInit) => {
    const { pathname } = new URL(String(url));
    if (pathname.endsWith("/workflows")) return new Response(list);
    if (pathname.endsWith("/workflows/Clerk/runs")) return new Response('{"runs":[],"nextCursor":null}');
    return fetch(url, init);
  };
  const report = await checkDeployment({
    catalog: defineCatalog([clerk]),
    agents: [parrot],
    recordedPlans,
    host: { ...host, fetch: asWorkflow },
  });
  expect(report).toMatchObject({ openRuns: 2, unfinishable: [], unseen: ["Clerk"], deletable: [] });
});

it("says of which agents a host of an older build does not list the runs", async () => {
  const fetch = async (url: URL | string | Request, init?: RequestInit) =>
    String(url).includes("/agents/Clerk/runs") ? new Response("", { status: 404 }) : globalThis.fetch(url, init);
  const host = { url: api.url, fetch };
  const report = await checkDeployment({ catalog, agents: [parrot, clerk], recordedPlans, host });
  expect(report).toMatchObject({ openRuns: 2, unfinishable: [], unseen: ["Clerk"], deletable: [] });
});
