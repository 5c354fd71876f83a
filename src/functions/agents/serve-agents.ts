import { registerThreads } from "../../durable/threads/register-agents.ts";
import { registerAgentCancel } from "../cancel.ts";
import { registerAgentEvents } from "../events.ts";
import { registerAgentRespond } from "../respond.ts";
import { registerAgentRuns } from "../runs.ts";
import { registerAgentRun } from "./agent-run.ts";
import type { AgentServices } from "./agent-services.ts";
import { registerAgentStatus } from "./agent-status.ts";
import { registerAgent, registerAgents } from "./agents.ts";
import { registerDeleteThread, registerThread } from "./threads.ts";

/** Registers the doors of the agents an app serves by themselves, and what keeps conversations with them. */
export function serveAgents(services: AgentServices): void {
  registerAgent(services);
  registerAgentCancel(services);
  registerAgentEvents(services);
  registerAgentRespond(services);
  registerAgentRun(services);
  registerAgentRuns(services);
  registerAgents(services);
  registerAgentStatus(services);
  registerDeleteThread(services);
  registerThread(services);
  registerThreads(services.agents.agents);
}
