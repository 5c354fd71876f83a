import type { Catalog } from "../graph/catalog.ts";
import { systemClock, type WaitClock } from "../remote/poll.ts";
import type { UpdateChannel } from "../updates/update-channel.ts";
import { ARCHIVE_ACTIVITY, ARCHIVE_ENTITY, activityName, orchestratorName } from "../wire/durable-names.ts";
import type { Plan } from "../wire/plan.ts";
import { callExecutor } from "./activities.ts";
import { archiveEvents } from "./archive/activity.ts";
import { operateArchive } from "./archive/entity.ts";
import { interpretPlan } from "./orchestrator.ts";
import {
  type FunctionContext,
  type Instances,
  instancesOf,
  registerActivity,
  registerEntity,
  registerOrchestrator,
} from "./sdk.ts";

/** What activities reach. */
export interface Reach {
  /** How they get at the instances of the task hub. */
  readonly instances?: (context: FunctionContext) => Instances;
  /** Where what they tell while they go on is sent. */
  readonly updates?: UpdateChannel | undefined;
  readonly clock?: WaitClock;
}

/**
 * Registers an orchestrator for every workflow and an activity for every executor and port, with the app that is being
 * loaded. Those of a sub-workflow are called by its name; it needs no orchestrator, since it runs in the run of its caller.
 *
 * @param recordedPlans - plans that open runs may still have. What the catalog no longer has of them is registered too:
 *   a name that is not registered at all makes a run hang on the real host.
 */
export function registerDurableFunctions(
  catalog: Catalog,
  recordedPlans: readonly Plan[],
  { instances = instancesOf, updates, clock = systemClock }: Reach = {},
): void {
  const plans = [...catalog.workflows.map(({ plan }) => plan), ...recordedPlans];
  for (const name of distinct(plans.map(({ workflow }) => orchestratorName(workflow)))) {
    registerOrchestrator(name, interpretPlan);
  }
  for (const name of distinct(plans.flatMap(activityNames))) {
    registerActivity(name, (input, context) =>
      callExecutor(catalog, input, {
        instances: () => instances(context),
        logError: (text) => context.error(text),
        updates,
      }),
    );
  }
  registerActivity(ARCHIVE_ACTIVITY, (input, context) => archiveEvents(instances(context), input, clock));
  registerEntity(ARCHIVE_ENTITY, (state, operation, input) => ({ state: operateArchive(state, operation, input) }));
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
