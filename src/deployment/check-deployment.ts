import { Connection, type HttpOptions } from "../client/connection.ts";
import type { Catalog } from "../graph/catalog.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import type { AnyWorkflow } from "../graph/workflow.ts";
import type { Plan } from "../wire/plan.ts";
import { type MissingPart, missingParts } from "./missing.ts";
import { type OpenRun, openAgentRuns, openRuns, servedWorkflows } from "./open-runs.ts";
import { diffPlans, type PlanDiff } from "./plan-diff.ts";

export interface DeploymentCheck {
  /** Of the build that is to be deployed. */
  readonly catalog: Catalog;
  /** The agents that the build serves by themselves. */
  readonly agents?: readonly AnyWorkflow[];
  /** As kept in `plans/`. */
  readonly recordedPlans: readonly Plan[];
  /** Where the runs are that the build takes over. */
  readonly host: HttpOptions;
}

/** Open runs of one version of a workflow, or of an agent that is served by itself. */
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
  /** Workflows with recorded plans that the host does not serve any more, and agents whose runs it does not list: what is open of them cannot be seen from here. */
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
export async function checkDeployment(check: DeploymentCheck): Promise<DeploymentReport> {
  const connection = new Connection(check.host);
  const workflows = await servedWorkflows(connection);
  const agentRuns = await openAgentRuns(connection);
  const found: Found[] = [];
  // One that is served as an agent, too, has all of its runs in the list of that.
  for (const workflow of workflows.filter((name) => agentRuns.get(name) === undefined)) {
    const runs = await openRuns(connection, "workflows", workflow);
    found.push({ workflow, runs, node: check.catalog.find(workflow) });
  }
  for (const [workflow, runs] of agentRuns) {
    const agent = check.agents?.find(({ name }) => name === workflow);
    // Where the build serves it no more by itself, nothing takes its turns.
    const node = agent ?? (workflows.includes(workflow) ? check.catalog.find(workflow) : undefined);
    if (runs) found.push({ workflow, runs, node });
  }
  // Also one that is served as a workflow, too: turns that wait for their thread are no runs of that yet.
  const unlisted = [...agentRuns].flatMap(([name, runs]) => (runs ? [] : [name]));
  return reportOf(check, found, unlisted);
}

/** The open runs of something that a host serves. */
interface Found {
  readonly workflow: string;
  readonly runs: readonly OpenRun[];
  /** As the build has it; undefined where it has none of that name. */
  readonly node: WorkflowNode | undefined;
}

function reportOf(
  { catalog, agents = [], recordedPlans }: DeploymentCheck,
  found: readonly Found[],
  unlisted: readonly string[],
): DeploymentReport {
  const deployed = [...catalog.workflows, ...agents].map(({ plan }) => plan);
  const plans = new Map([...recordedPlans, ...deployed].map((plan) => [keyOf(plan.workflow, plan.fingerprint), plan]));
  const current = new Set(deployed.map((plan) => keyOf(plan.workflow, plan.fingerprint)));
  const open = found.flatMap(({ workflow, runs, node }) =>
    [...new Set(runs.map(({ version }) => version))].map((version) => {
      const runIds = runs.filter((run) => run.version === version).map(({ runId }) => runId);
      return { plan: plans.get(keyOf(workflow, version)), node, told: { workflow, version, runIds } };
    }),
  );
  const inUse = new Set(open.map(({ told }) => keyOf(told.workflow, told.version)));
  const seen = found.map(({ workflow }) => workflow).filter((name) => !unlisted.includes(name));
  const isServed = (name: string) => seen.includes(name) || deployed.some(({ workflow }) => workflow === name);
  const gone = recordedPlans.map(({ workflow }) => workflow).filter((name) => !isServed(name));
  return {
    openRuns: open.reduce((sum, { told }) => sum + told.runIds.length, 0),
    unfinishable: open.flatMap(({ plan, node, told }) => (plan ? unfinishable(plan, node, told) : [])),
    unknown: open.flatMap(({ plan, told }) => (plan ? [] : [told])),
    unseen: [...new Set([...unlisted, ...gone])],
    deletable: recordedPlans
      .filter(({ workflow }) => seen.includes(workflow))
      .map(({ workflow, fingerprint }) => keyOf(workflow, fingerprint))
      .filter((key) => !inUse.has(key) && !current.has(key)),
  };
}

function unfinishable(plan: Plan, workflow: WorkflowNode | undefined, version: OpenVersion): UnfinishableVersion[] {
  const missing = missingParts(plan, workflow);
  return missing.length === 0 ? [] : [{ ...version, missing, diff: workflow && diffPlans(plan, workflow.plan) }];
}

function keyOf(workflow: string, version: string): string {
  return `${workflow}/${version}`;
}
