import { app } from "@azure/functions";
import { durableClientInput } from "../../durable/sdk.ts";
import { readTurn } from "../../durable/threads/turns.ts";
import { answer, json } from "../answer.ts";
import { textParam } from "../route.ts";
import type { AgentServices } from "./agent-services.ts";
import { agentsUrlOf, viewOf } from "./turn-view.ts";

/** `GET agents/{name}/status/{runId}`: how a turn is going, and what the agent said. */
export function registerAgentStatus({ agents, instancesOf }: AgentServices): void {
  app.http("agentStatus", {
    methods: ["GET"],
    route: "agents/{name}/status/{runId}",
    authLevel: "function",
    extraInputs: [durableClientInput],
    handler: answer(async (request, context) => {
      const agent = agents.get(textParam(request, "name"));
      const turn = await readTurn(instancesOf(context), agent, textParam(request, "runId"));
      return json(200, viewOf(turn, agentsUrlOf(request)));
    }),
  });
}
