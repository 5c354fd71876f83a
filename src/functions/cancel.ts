import { app } from "@azure/functions";
import { cancelRun } from "../durable/respond.ts";
import { durableClientInput } from "../durable/sdk.ts";
import { cancelTurn } from "../durable/threads/turns.ts";
import type { AgentServices } from "./agents/agent-services.ts";
import { answer, json } from "./answer.ts";
import { readReason } from "./reason.ts";
import { textParam } from "./route.ts";
import type { Services } from "./services.ts";

/** `POST workflows/{name}/cancel/{runId}`, with or without `{ "reason": … }`: asks a run to end. */
export function registerCancel({ catalog, instancesOf }: Services): void {
  app.http("cancel", {
    methods: ["POST"],
    route: "workflows/{name}/cancel/{runId}",
    authLevel: "function",
    extraInputs: [durableClientInput],
    handler: answer(async (request, context) => {
      const workflow = catalog.get(textParam(request, "name"));
      const reason = await readReason(request);
      const runId = textParam(request, "runId");
      await cancelRun(instancesOf(context), workflow, runId, reason);
      return json(202, { message: "The run was asked to end, and its handlers to stop.", runId });
    }),
  });
}

/** `POST agents/{name}/cancel/{runId}`: the same for a run of an agent, also while it waits for its thread. */
export function registerAgentCancel({ agents, instancesOf }: AgentServices): void {
  app.http("agentCancel", {
    methods: ["POST"],
    route: "agents/{name}/cancel/{runId}",
    authLevel: "function",
    extraInputs: [durableClientInput],
    handler: answer(async (request, context) => {
      const agent = agents.get(textParam(request, "name"));
      const reason = await readReason(request);
      const runId = textParam(request, "runId");
      await cancelTurn(instancesOf(context), agent, runId, reason);
      return json(202, { message: "The run was asked to end, and its handlers to stop.", runId });
    }),
  });
}
