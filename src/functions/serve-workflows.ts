import type { InvocationContext } from "@azure/functions";
import { readConfig } from "../config.ts";
import { registerDurableFunctions } from "../durable/register.ts";
import { createDurableRunner } from "../durable/runner.ts";
import { instancesOf } from "../durable/sdk.ts";
import { type Catalog, defineCatalog } from "../graph/catalog.ts";
import type { WorkflowRunner } from "../graph/runner.ts";
import type { AnyWorkflow } from "../graph/workflow.ts";
import { createMemoryChannel } from "../updates/memory-channel.ts";
import type { UpdateChannel } from "../updates/update-channel.ts";
import type { Plan } from "../wire/plan.ts";
import { agentCatalogOf } from "./agents/agent-catalog.ts";
import { serveAgents } from "./agents/serve-agents.ts";
import { registerCancel } from "./cancel.ts";
import { registerEvents } from "./events.ts";
import { registerHealth } from "./health.ts";
import { registerRerun, registerResume, registerSuspend } from "./manage.ts";
import { type McpOptions, registerTools } from "./mcp/serve-tools.ts";
import { registerOpenApi } from "./openapi.ts";
import { registerRespond } from "./respond.ts";
import { registerRetention } from "./retention.ts";
import { registerRun } from "./run.ts";
import { registerDeleteRun, registerRuns } from "./runs.ts";
import { registerStatus } from "./status.ts";
import { registerWorkflow, registerWorkflows } from "./workflows.ts";

export { durableClientInput } from "../durable/sdk.ts";
export { createMemoryChannel } from "../updates/memory-channel.ts";
export type { UpdateChannel, UpdatePage } from "../updates/update-channel.ts";
export { startApplicationInsights } from "./application-insights.ts";
export type { McpOptions } from "./mcp/serve-tools.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;

/** What a function app serves. */
export interface ServedWorkflows {
  readonly catalog: Catalog;
  /** Plans that open runs may still have, as kept in `plans/`; executors they alone know answer that they are not deployed. */
  readonly recordedPlans?: readonly Plan[];
  /** Agents that can be talked to by themselves, over `POST agents/{name}/run`. Those that are parts of workflows need not be named. */
  readonly agents?: readonly AnyWorkflow[];
  /** How long a conversation is kept after its last turn, in milliseconds; `AGENT_THREAD_TTL_DAYS` unless set, and that is 14. */
  readonly threadTtlMs?: number;
  /**
   * Brings what calls tell while they go on to readers of events. Unless set: within this process, and not at all on Azure, where the
   * activity and the reader may be in different ones.
   */
  readonly updates?: UpdateChannel;
  /** What MCP clients may use; without it the app has no MCP tools. */
  readonly mcp?: McpOptions;
}

/**
 * Registers all there is to run and serve these workflows with the function app that is being loaded: the HTTP routes,
 * the orchestrators and the activities, and the timer that deletes old runs. Call it once, from a file that `main` of
 * package.json names.
 *
 * @throws {WorkflowError} `SETTING_INVALID` for a setting of the app that cannot be read
 */
export function serveWorkflows(served: ServedWorkflows): void {
  const { catalog, recordedPlans = [], agents = [], mcp } = served;
  const config = readConfig(process.env);
  const updates = served.updates ?? channelFor(process.env);
  const threadTtlMs = served.threadTtlMs ?? config.threadTtlDays * DAY_MS;
  const services = { catalog, instancesOf, updates, config };
  registerCancel(services);
  registerDeleteRun(services);
  registerEvents(services);
  registerHealth(services);
  registerOpenApi(services, agents);
  registerRerun(services);
  registerRespond(services);
  registerResume(services);
  registerRetention(services, recordedPlans, { agents, threadTtlMs });
  registerRun(services);
  registerRuns(services);
  registerStatus(services);
  registerSuspend(services);
  registerWorkflow(services);
  registerWorkflows(services);
  if (agents.length > 0) serveAgents({ agents: agentCatalogOf(agents), instancesOf, updates, config, threadTtlMs });
  if (mcp) registerTools({ catalog, agents, instancesOf, config, threadTtlMs }, mcp);
  registerDurableFunctions(withAgents(catalog, agents), recordedPlans, { updates });
}

/** On Azure every instance of the app has an id of its own; nothing else runs an app in more than one process. */
function channelFor(environment: Readonly<Record<string, string | undefined>>): UpdateChannel | undefined {
  return environment.WEBSITE_INSTANCE_ID === undefined ? createMemoryChannel() : undefined;
}

/** An agent is a workflow; it may stand in the catalog, too. */
function withAgents(catalog: Catalog, agents: readonly AnyWorkflow[]): Catalog {
  return defineCatalog([...new Set([...catalog.workflows, ...agents])]);
}

/**
 * The runner for a function of your own: a timer that starts runs, say. It learns of changes by looking again and again,
 * so leave long waits to the caller.
 *
 * @param context - of a function that has {@link durableClientInput} among its `extraInputs`
 */
export function durableRunnerOf(context: InvocationContext): WorkflowRunner {
  const { generationLimits } = readConfig(process.env);
  return createDurableRunner(instancesOf(context), { generationLimits });
}
