import type { InvocationContext } from "@azure/functions";
import type { Config } from "../../config.ts";
import type { Instances } from "../../durable/sdk.ts";
import { WorkflowError } from "../../errors.ts";
import type { Catalog } from "../../graph/catalog.ts";
import { portsOf } from "../../graph/nested.ts";
import type { WorkflowNode } from "../../graph/runtime.ts";
import type { AnyWorkflow } from "../../graph/workflow.ts";
import { registerAgentTool } from "./agent-tool.ts";
import { apiUrlOf } from "./api-url.ts";
import { registerRespondTool, registerStatusTool } from "./run-tools.ts";
import type { Subject } from "./settle.ts";
import { registerWorkflowTool } from "./workflow-tool.ts";

/** What MCP clients may use of an app; nothing unless it is named here. */
export interface McpOptions {
  /** Workflows of the catalog, and agents that are served by themselves; each becomes a tool of its name. */
  readonly tools: readonly AnyWorkflow[];
  /**
   * Whether clients get a tool to answer the requests of these with. Off unless it is asked for: an approval is then as good
   * as the client that asks its person.
   */
  readonly mayRespond?: boolean;
  /** Milliseconds a call waits for the end of its run; after them it answers with a handle. 20,000 unless set. */
  readonly waitMs?: number;
  /** Where callers reach the routes of this app, with their prefix; made of the environment unless set. */
  readonly apiUrl?: string;
}

/** What an app serves, as far as tools are made of it. */
interface Serving {
  readonly catalog: Catalog;
  readonly agents: readonly AnyWorkflow[];
  readonly instancesOf: (context: InvocationContext) => Instances;
  readonly config: Config;
  readonly threadTtlMs: number;
}

const DEFAULT_WAIT_MS = 20_000;

/**
 * Registers MCP tools: one for each workflow and agent that is named, one to look at runs, and, where that is allowed, one to
 * answer requests.
 *
 * @throws {WorkflowError} `MCP_TOOL_INVALID` for what this app does not serve
 */
export function registerTools(serving: Serving, options: McpOptions): void {
  const { tools, mayRespond = false, waitMs = DEFAULT_WAIT_MS, apiUrl = apiUrlOf(process.env) } = options;
  const { instancesOf, config, threadTtlMs } = serving;
  const subjects = tools.map((definition) => subjectOf(serving, definition));
  const mcp = { waitMs, mayRespond, apiUrl, instancesOf, config, threadTtlMs };
  for (const subject of subjects) {
    if (subject.isAgent) registerAgentTool(mcp, subject);
    else registerWorkflowTool(mcp, subject);
  }
  if (subjects.length > 0) registerStatusTool(mcp, subjects);
  const asking = subjects.filter(({ definition }) => hasPorts(definition));
  if (mayRespond && asking.length > 0) registerRespondTool(mcp, asking);
}

function subjectOf({ catalog, agents }: Serving, definition: AnyWorkflow): Subject {
  if (agents.includes(definition)) return { definition, isAgent: true };
  if (catalog.find(definition.name) === definition) return { definition, isAgent: false };
  throw new WorkflowError(
    "MCP_TOOL_INVALID",
    `"${definition.name}" is to be an MCP tool, but is neither a workflow of the catalog nor an agent that is served.`,
    "List it there, too.",
  );
}

function hasPorts(workflow: WorkflowNode): boolean {
  return portsOf(workflow).length > 0;
}
