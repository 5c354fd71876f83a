import { app } from "@azure/functions";
import { isAgent } from "../../agents/agent.ts";
import type { AgentSpec } from "../../agents/agent-spec.ts";
import { requestSchema, responseSchema } from "../../graph/contract.ts";
import { toMermaid } from "../../graph/mermaid.ts";
import { placedNodes, portsOf } from "../../graph/nested.ts";
import type { AnyWorkflow } from "../../graph/workflow.ts";
import { answer, json } from "../answer.ts";
import { textParam } from "../route.ts";
import type { AgentServices } from "./agent-services.ts";

/** `GET agents`: the agents this app serves by themselves. */
export function registerAgents({ agents }: AgentServices): void {
  app.http("agents", {
    methods: ["GET"],
    route: "agents",
    authLevel: "function",
    handler: answer(async () => json(200, { agents: agents.agents.map(summaryOf) })),
  });
}

/** `GET agents/{name}`: one agent with its tools, and with its graph as Mermaid text. */
export function registerAgent({ agents }: AgentServices): void {
  app.http("agent", {
    methods: ["GET"],
    route: "agents/{name}",
    authLevel: "function",
    handler: answer(async (request) => json(200, descriptionOf(agents.get(textParam(request, "name"))))),
  });
}

function summaryOf(agent: AnyWorkflow) {
  return {
    name: agent.name,
    description: agent.description ?? null,
    version: agent.plan.fingerprint,
    /** Provider and model; null for a workflow that answers as an agent. */
    model: isAgent(agent) ? agent.agent.model.name : null,
    /** True where answers are written down beforehand: the agent's own, or those of one in the workflow. */
    isScripted: agentsIn(agent).some(({ model }) => model.isScripted === true),
  };
}

/** The agent itself, and all that are a part of it. */
function agentsIn(agent: AnyWorkflow): AgentSpec[] {
  const parts = [agent, ...placedNodes(agent).map(({ node }) => node)];
  return parts.flatMap((part) => (isAgent(part) ? [part.agent] : []));
}

function descriptionOf(agent: AnyWorkflow) {
  const tools = isAgent(agent) ? agent.agent.tools : [];
  return {
    ...summaryOf(agent),
    tools: tools.map(({ name, description, approval }) => ({
      name,
      description,
      needsApproval: approval !== undefined,
    })),
    ports: portsOf(agent).map((port) => ({
      id: port.id,
      request: requestSchema(port),
      response: responseSchema(port),
    })),
    mermaid: toMermaid(agent),
  };
}
