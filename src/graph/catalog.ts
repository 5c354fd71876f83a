import { WorkflowError } from "../errors.ts";
import { activityName, orchestratorName } from "../wire/durable-names.ts";
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
 * Checks that no two orchestrators or activities of these workflows have the same name, without case.
 *
 * @throws {WorkflowError} `DURABLE_NAME_COLLISION`
 */
export function checkDurableNames(workflows: readonly WorkflowNode[]): void {
  const owners = new Map<string, string>();
  for (const { name, owner } of workflows.flatMap(durableNames)) {
    const key = name.toLowerCase();
    const other = owners.get(key);
    if (other !== undefined) {
      const whatIsWrong =
        other === owner
          ? `${owner} is in the catalog twice.`
          : `${other} and ${owner} both have the name "${name}" on a durable host, which does not look at case.`;
      throw new WorkflowError("DURABLE_NAME_COLLISION", whatIsWrong, "Rename one of them.");
    }
    owners.set(key, owner);
  }
}

function durableNames({ name, plan }: WorkflowNode): { name: string; owner: string }[] {
  return [
    { name: orchestratorName(name), owner: `Workflow "${name}"` },
    ...plan.executors.map(({ id }) => ({
      name: activityName(name, id),
      owner: `"${id}" of workflow "${name}"`,
    })),
  ];
}
