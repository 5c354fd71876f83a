import type { Catalog } from "../graph/catalog.ts";
import { activityName, orchestratorName } from "../wire/durable-names.ts";
import type { Plan } from "../wire/plan.ts";
import { callExecutor } from "./activities.ts";
import { interpretPlan } from "./orchestrator.ts";
import { type FunctionContext, type Instances, instancesOf, registerActivity, registerOrchestrator } from "./sdk.ts";

/**
 * Registers an orchestrator for every workflow and an activity for every executor and port, with the app that is being
 * loaded. Those of a sub-workflow are called by its name; it needs no orchestrator, since it runs in the run of its caller.
 *
 * @param recordedPlans - plans that open runs may still have. What the catalog no longer has of them is registered too:
 *   a name that is not registered at all makes a run hang on the real host.
 * @param reach - how the activities get at the instances of the task hub
 */
export function registerDurableFunctions(
  catalog: Catalog,
  recordedPlans: readonly Plan[],
  reach: (context: FunctionContext) => Instances = instancesOf,
): void {
  const plans = [...catalog.workflows.map(({ plan }) => plan), ...recordedPlans];
  for (const name of distinct(plans.map(({ workflow }) => orchestratorName(workflow)))) {
    registerOrchestrator(name, interpretPlan);
  }
  for (const name of distinct(plans.flatMap(activityNames))) {
    registerActivity(name, (input, context) =>
      callExecutor(catalog, input, {
        instances: () => reach(context),
        logError: (text) => context.error(text),
      }),
    );
  }
}

function activityNames(plan: Plan): string[] {
  return [plan, ...(plan.workflows ?? [])].flatMap(({ workflow, executors }) =>
    executors.filter(({ kind }) => kind !== "workflow").map(({ id }) => activityName(workflow, id)),
  );
}

/** Hosts do not look at case. */
function distinct(names: readonly string[]): Iterable<string> {
  return new Map(names.map((name) => [name.toLowerCase(), name])).values();
}
