import type { InvocationContext } from "@azure/functions";
import { registerDurableFunctions } from "../durable/register.ts";
import { createDurableRunner } from "../durable/runner.ts";
import { instancesOf } from "../durable/sdk.ts";
import type { Catalog } from "../graph/catalog.ts";
import type { WorkflowRunner } from "../graph/runner.ts";
import type { Plan } from "../wire/plan.ts";
import { registerCancel } from "./cancel.ts";
import { registerEvents } from "./events.ts";
import { registerHealth } from "./health.ts";
import { registerRerun, registerResume, registerSuspend } from "./manage.ts";
import { type McpOptions, registerTools } from "./mcp/serve-tools.ts";
import { registerOpenApi } from "./openapi.ts";
import { registerRespond } from "./respond.ts";
import { registerRun } from "./run.ts";
import { registerDeleteRun, registerRuns } from "./runs.ts";
import { registerStatus } from "./status.ts";
import { registerWorkflow, registerWorkflows } from "./workflows.ts";

export { durableClientInput } from "../durable/sdk.ts";
export type { McpOptions } from "./mcp/serve-tools.ts";

/** What a function app serves. */
export interface ServedWorkflows {
  readonly catalog: Catalog;
  /** Plans that open runs may still have, as kept in `plans/`; executors they alone know answer that they are not deployed. */
  readonly recordedPlans?: readonly Plan[];
  /** What MCP clients may use; without it the app has no MCP tools. */
  readonly mcp?: McpOptions;
}

/**
 * Registers all there is to run and serve these workflows with the function app that is being loaded: the HTTP routes,
 * the orchestrators and the activities. Call it once, from a file that `main` of package.json names.
 */
export function serveWorkflows({ catalog, recordedPlans = [], mcp }: ServedWorkflows): void {
  const services = { catalog, instancesOf };
  registerCancel(services);
  registerDeleteRun(services);
  registerEvents(services);
  registerHealth(services);
  registerOpenApi(services);
  registerRerun(services);
  registerRespond(services);
  registerResume(services);
  registerRun(services);
  registerRuns(services);
  registerStatus(services);
  registerSuspend(services);
  registerWorkflow(services);
  registerWorkflows(services);
  if (mcp) registerTools(services, mcp);
  registerDurableFunctions(catalog, recordedPlans);
}

/**
 * The runner for a function of your own: a timer that starts runs, say. It learns of changes by looking again and again,
 * so leave long waits to the caller.
 *
 * @param context - of a function that has {@link durableClientInput} among its `extraInputs`
 */
export function durableRunnerOf(context: InvocationContext): WorkflowRunner {
  return createDurableRunner(instancesOf(context));
}
