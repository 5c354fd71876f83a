import { app } from "@azure/functions";
import { durableClientInput } from "../../durable/sdk.ts";
import { deleteThread, readThread } from "../../durable/threads/kept-threads.ts";
import { stillAsking } from "../../durable/threads/thread.ts";
import { checkThreadId } from "../../wire/run-id.ts";
import type { ThreadView } from "../../wire/turn-view.ts";
import { answer, json } from "../answer.ts";
import { textParam } from "../route.ts";
import type { AgentServices } from "./agent-services.ts";

const ROUTE = "agents/{name}/threads/{threadId}";

/** `GET agents/{name}/threads/{threadId}`: the conversation so far. */
export function registerThread({ agents, instancesOf }: AgentServices): void {
  app.http("agentThread", {
    methods: ["GET"],
    route: ROUTE,
    authLevel: "function",
    extraInputs: [durableClientInput],
    handler: answer(async (request, context) => {
      const agent = agents.get(textParam(request, "name"));
      const threadId = checkThreadId(textParam(request, "threadId"));
      const nowMs = Date.now();
      const { messages, turn, waiting, ...thread } = await readThread(instancesOf(context), agent, threadId, nowMs);
      const view: ThreadView = {
        agent: agent.name,
        threadId,
        messages,
        createdAt: new Date(thread.createdAtMs).toISOString(),
        updatedAt: new Date(thread.updatedAtMs).toISOString(),
        expiresAt: new Date(thread.expiresAtMs).toISOString(),
        runId: turn?.runId ?? null,
        waitingRuns: stillAsking(waiting, nowMs).map(({ runId }) => runId),
      };
      return json(200, view);
    }),
  });
}

/** `DELETE agents/{name}/threads/{threadId}`: deletes a conversation. */
export function registerDeleteThread({ agents, instancesOf }: AgentServices): void {
  app.http("agentDeleteThread", {
    methods: ["DELETE"],
    route: ROUTE,
    authLevel: "function",
    extraInputs: [durableClientInput],
    handler: answer(async (request, context) => {
      const agent = agents.get(textParam(request, "name"));
      await deleteThread(instancesOf(context), agent, checkThreadId(textParam(request, "threadId")), Date.now());
      return { status: 204 };
    }),
  });
}
