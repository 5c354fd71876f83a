import { Connection, type HttpOptions } from "../client/connection.ts";
import type { Catalog } from "../graph/catalog.ts";
import type { Plan } from "../wire/plan.ts";
import { type MissingPart, missingParts } from "./missing.ts";
import { type OpenRun, openRuns, servedNames } from "./open-runs.ts";
import { diffPlans, type PlanDiff } from "./plan-diff.ts";

export interface DeploymentCheck {
  /** Of the build that is to be deployed. */
  readonly catalog: Catalog;
  /** As kept in `plans/`. */
  readonly recordedPlans: readonly Plan[];
  /** Where the runs are that the build takes over. */
  readonly host: HttpOptions;
}

/** Open runs of one version of a workflow. */
interface OpenVersion {
  readonly workflow: string;
  readonly version: string;
  readonly runIds: readonly string[];
}

export interface UnfinishableVersion extends OpenVersion {
  /** What its runs may come to and the build does not have. */
  readonly missing: readonly MissingPart[];
  /** From the plan of the runs to the plan of the build; undefined where the build has no such workflow. */
  readonly diff: PlanDiff | undefined;
}

export interface DeploymentReport {
  readonly openRuns: number;
  readonly unfinishable: readonly UnfinishableVersion[];
  /** Open runs whose plan is neither recorded nor that of the build, so nothing can be said of them. */
  readonly unknown: readonly OpenVersion[];
  /** Workflows with recorded plans that the host does not serve any more: their runs cannot be seen from here. */
  readonly unseen: readonly string[];
  /** Recorded plans, as `{workflow}/{fingerprint}`, that no open run uses and that are not those of the build. */
  readonly deletable: readonly string[];
}

/**
 * Looks, before a deployment, which open runs of a host the build could not finish, and which recorded plans nobody needs
 * any more. Nothing is changed.
 *
 * @throws {WorkflowError} `HOST_UNREACHABLE`, `ANSWER_UNEXPECTED`
 */
export async function checkDeployment({ catalog, recordedPlans, host }: DeploymentCheck): Promise<DeploymentReport> {
  const connection = new Connection(host);
  const served = await servedNames(connection);
  const versions = new Map<string, OpenRun[]>();
  for (const workflow of served) {
    for await (const run of openRuns(connection, workflow)) {
      const key = keyOf(run.workflow, run.version);
      versions.set(key, [...(versions.get(key) ?? []), run]);
    }
  }
  return reportOf(catalog, recordedPlans, served, versions);
}

function reportOf(
  catalog: Catalog,
  recordedPlans: readonly Plan[],
  served: readonly string[],
  versions: ReadonlyMap<string, readonly OpenRun[]>,
): DeploymentReport {
  const deployed = catalog.workflows.map(({ plan }) => plan);
  const plans = new Map([...recordedPlans, ...deployed].map((plan) => [keyOf(plan.workflow, plan.fingerprint), plan]));
  const current = new Set(deployed.map((plan) => keyOf(plan.workflow, plan.fingerprint)));
  const open = [...versions].flatMap(([key, runs]) => {
    const [{ workflow, version } = { workflow: "", version: "" }] = runs;
    return [{ plan: plans.get(key), workflow, version, runIds: runs.map(({ runId }) => runId) }];
  });
  return {
    openRuns: open.reduce((sum, { runIds }) => sum + runIds.length, 0),
    unfinishable: open.flatMap(({ plan, ...version }) => (plan ? unfinishable(catalog, plan, version) : [])),
    unknown: open.flatMap(({ plan, ...version }) => (plan ? [] : [version])),
    unseen: [...new Set(recordedPlans.map(({ workflow }) => workflow))].filter(
      (name) => !served.includes(name) && catalog.find(name) === undefined,
    ),
    deletable: recordedPlans
      .filter(({ workflow }) => served.includes(workflow))
      .map(({ workflow, fingerprint }) => keyOf(workflow, fingerprint))
      .filter((key) => !versions.has(key) && !current.has(key)),
  };
}

function unfinishable(catalog: Catalog, plan: Plan, version: OpenVersion): UnfinishableVersion[] {
  const workflow = catalog.find(plan.workflow);
  const missing = missingParts(plan, workflow);
  return missing.length === 0 ? [] : [{ ...version, missing, diff: workflow && diffPlans(plan, workflow.plan) }];
}

function keyOf(workflow: string, version: string): string {
  return `${workflow}/${version}`;
}
