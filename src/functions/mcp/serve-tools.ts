import { WorkflowError } from "../../errors.ts";
import { portsOf } from "../../graph/nested.ts";
import type { WorkflowNode } from "../../graph/runtime.ts";
import type { AnyWorkflow } from "../../graph/workflow.ts";
import type { Services } from "../services.ts";
import { apiUrlOf } from "./api-url.ts";
import { registerRespondTool, registerStatusTool } from "./run-tools.ts";
import { registerWorkflowTool } from "./workflow-tool.ts";

/** What MCP clients may use of an app; nothing unless it is named here. */
export interface McpOptions {
  /** Workflows of the catalog that become tools, by the name of the workflow. */
  readonly tools: readonly AnyWorkflow[];
  /**
   * Whether clients get a tool to answer the requests of these workflows with. Off unless it is asked for: an approval is
   * then as good as the client that asks its person.
   */
  readonly mayRespond?: boolean;
  /** Milliseconds a call waits for the end of its run; after them it answers with a handle. 20,000 unless set. */
  readonly waitMs?: number;
  /** Where callers reach the routes of this app, with their prefix; made of the environment unless set. */
  readonly apiUrl?: string;
}

const DEFAULT_WAIT_MS = 20_000;

/**
 * Registers MCP tools: one for each workflow that is named, one to look at runs, and, where that is allowed, one to answer
 * requests.
 *
 * @throws {WorkflowError} `MCP_TOOL_INVALID` for a workflow that the catalog does not have
 */
export function registerTools(services: Services, options: McpOptions): void {
  const { tools, mayRespond = false, waitMs = DEFAULT_WAIT_MS, apiUrl = apiUrlOf(process.env) } = options;
  for (const workflow of tools) refuseForeign(services, workflow);
  const mcp = { waitMs, mayRespond, apiUrl };
  for (const workflow of tools) registerWorkflowTool(services, workflow, mcp);
  if (tools.length > 0) registerStatusTool(services, tools, mcp);
  const asking = tools.filter(hasPorts);
  if (mayRespond && asking.length > 0) registerRespondTool(services, asking, mcp);
}

function refuseForeign({ catalog }: Services, workflow: WorkflowNode): void {
  if (catalog.find(workflow.name) === workflow) return;
  throw new WorkflowError(
    "MCP_TOOL_INVALID",
    `Workflow "${workflow.name}" is to be an MCP tool, but is not in the catalog.`,
    "List it in the catalog, too.",
  );
}

function hasPorts(workflow: WorkflowNode): boolean {
  return portsOf(workflow).length > 0;
}
