import { WorkflowError } from "../../errors.ts";
import type { AnyWorkflow } from "../../graph/workflow.ts";

/** The agents an app serves by themselves, by name. */
export interface AgentCatalog {
  /** In the order in which they were listed. */
  readonly agents: readonly AnyWorkflow[];
  /** @throws {WorkflowError} `AGENT_NOT_FOUND` */
  get(name: string): AnyWorkflow;
}

export function agentCatalogOf(agents: readonly AnyWorkflow[]): AgentCatalog {
  const byName = new Map(agents.map((agent) => [agent.name, agent]));
  return {
    agents,
    get(name) {
      const agent = byName.get(name);
      if (agent) return agent;
      throw new WorkflowError(
        "AGENT_NOT_FOUND",
        `There is no agent ${JSON.stringify(name)}.`,
        "GET agents lists the names; case counts.",
      );
    },
  };
}
