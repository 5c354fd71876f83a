import { app, HttpRequest, InvocationContext } from "@azure/functions";
import { afterEach, expect, it, vi } from "vitest";
import { createScriptedClient, defineAgent } from "../../agents/index.ts";
import { readConfig } from "../../config.ts";
import type { Instances } from "../../durable/sdk.ts";
import type { AgentThread } from "../../wire/agent-thread.ts";
import { agentCatalogOf } from "./agent-catalog.ts";
import { registerThread } from "./threads.ts";

const parrot = defineAgent({ id: "Parrot", instructions: "Repeat.", model: createScriptedClient([]) });
const MINUTE_MS = 60_000;

afterEach(() => vi.restoreAllMocks());

/** What the door shows of a thread as its entity holds it. */
async function shown(thread: AgentThread) {
  const http = vi.spyOn(app, "http").mockImplementation(() => undefined);
  const instances: Pick<Instances, "readEntity"> = { readEntity: async () => thread };
  registerThread({
    agents: agentCatalogOf([parrot]),
    instancesOf: () => instances as Instances,
    updates: undefined,
    config: readConfig({}),
    threadTtlMs: 0,
  });
  const [, { handler }] = http.mock.calls[0] as [string, { handler: (...call: unknown[]) => Promise<object> }];
  const params = { name: "Parrot", threadId: "t" };
  const answer = await handler(
    new HttpRequest({ method: "GET", url: "http://localhost/api/agents/Parrot/threads/t", params }),
    new InvocationContext({}),
  );
  return JSON.parse((answer as { body: string }).body);
}

it("shows the runs that wait for a thread, without those that have stopped asking", async () => {
  const nowMs = Date.now();
  const view = await shown({
    format: 1,
    messages: [],
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    expiresAtMs: nowMs + MINUTE_MS,
    turn: { runId: "talks", sinceMs: nowMs },
    waiting: [
      { runId: "gone", askedAtMs: nowMs - 5 * MINUTE_MS },
      { runId: "asks", askedAtMs: nowMs - 4 * MINUTE_MS },
    ],
  });
  expect([view.runId, view.waitingRuns]).toEqual(["talks", ["asks"]]);
});
