import { WorkflowError } from "../errors.ts";
import { activityName, orchestratorName } from "../wire/durable-names.ts";
import type { PlanGraph } from "../wire/plan.ts";
import type { WorkflowNode } from "./runtime.ts";
import type { AnyWorkflow } from "./workflow.ts";

/** The workflows an app serves, by name. */
export interface Catalog<Workflows extends readonly AnyWorkflow[] = readonly AnyWorkflow[]> {
  /** In the order in which they were listed. */
  readonly workflows: Workflows;
  /**
   * The workflow of this name, written exactly so.
   *
   * @throws {WorkflowError} `WORKFLOW_NOT_FOUND`
   */
  get<Name extends string>(name: Name): WorkflowNamed<Workflows, Name>;
  /** The workflow of this name, or `undefined`: for a name that came from a run or a request. */
  find(name: string): Workflows[number] | undefined;
}

/** The workflow of a catalog that has this name; any of them where the name is not known to the compiler. */
export type WorkflowNamed<Workflows extends readonly AnyWorkflow[], Name extends string> = [
  Extract<Workflows[number], { readonly name: Name }>,
] extends [never]
  ? Workflows[number]
  : Extract<Workflows[number], { readonly name: Name }>;

/**
 * Lists the workflows an app serves. The list is frozen, and every name its parts have on a durable host is checked.
 *
 * @throws {WorkflowError} `DURABLE_NAME_COLLISION` when two names are the same without case
 */
export function defineCatalog<const Workflows extends readonly AnyWorkflow[]>(
  workflows: Workflows,
): Catalog<Workflows> {
  checkDurableNames(workflows);
  const byName = new Map<string, AnyWorkflow>(workflows.map((workflow) => [workflow.name, workflow]));
  const catalog: Catalog = {
    workflows: Object.freeze([...workflows]),
    find: (name) => byName.get(name),
    get(name) {
      const workflow = byName.get(name);
      if (workflow) return workflow as never;
      throw new WorkflowError(
        "WORKFLOW_NOT_FOUND",
        `There is no workflow ${JSON.stringify(name)}.`,
        "GET workflows lists the names; case counts.",
      );
    },
  };
  return Object.freeze(catalog) as unknown as Catalog<Workflows>;
}

/**
 * Checks that no two orchestrators or activities of these workflows and their sub-workflows have the same name, without case:
 * a name is one graph.
 *
 * @throws {WorkflowError} `DURABLE_NAME_COLLISION`
 */
export function checkDurableNames(workflows: readonly WorkflowNode[]): void {
  const owners = new Map<string, NameOwner>();
  const served = workflows.flatMap(({ plan }) => namesOf(plan, true));
  const nested = workflows.flatMap(({ plan }) => (plan.workflows ?? []).flatMap((graph) => namesOf(graph, false)));
  for (const one of [...served, ...nested]) {
    const key = one.name.toLowerCase();
    const other = owners.get(key);
    // A sub-workflow may be used many times, and be served on its own besides.
    const isSame = !one.isServed && other?.owner === one.owner && other.version === one.version;
    if (other && !isSame) throw collision(one, other);
    owners.set(key, one);
  }
}

interface NameOwner {
  readonly name: string;
  readonly owner: string;
  /** Of the workflow it belongs to. */
  readonly version: string;
  readonly isServed: boolean;
}

function collision({ name, owner, isServed }: NameOwner, other: NameOwner): WorkflowError {
  const whatIsWrong =
    other.owner === owner
      ? `${owner} is in the catalog twice${isServed ? "" : ", with two different graphs"}.`
      : `${other.owner} and ${owner} both have the name "${name}" on a durable host, which does not look at case.`;
  return new WorkflowError("DURABLE_NAME_COLLISION", whatIsWrong, "Rename one of them.");
}

function namesOf({ workflow, executors, fingerprint: version }: PlanGraph, isServed: boolean): NameOwner[] {
  const activities = executors.filter(({ kind }) => kind !== "workflow").map(({ id }) => id);
  return [
    { name: orchestratorName(workflow), owner: `Workflow "${workflow}"`, version, isServed },
    ...activities.map((id) => ({
      name: activityName(workflow, id),
      owner: `"${id}" of workflow "${workflow}"`,
      version,
      isServed,
    })),
  ];
}
