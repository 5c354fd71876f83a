import { canonicalJson } from "../wire/json.ts";
import type { Plan, PlanGraph } from "../wire/plan.ts";

/** What differs between two plans, one line each, ready to be read. */
export type PlanDiff = readonly string[];

/**
 * The difference between two plans of a workflow: executors and edges that came (`+`), went (`-`) or changed (`~`), and
 * what is set for the workflow as a whole; then the same for its sub-workflows. Empty for two plans that are the same.
 */
export function diffPlans(before: Plan, after: Plan): PlanDiff {
  const inner = (plan: Plan) => new Map((plan.workflows ?? []).map((graph) => [graph.workflow, graph]));
  const [was, is] = [inner(before), inner(after)];
  return [
    ...diffGraphs(before, after),
    ...[...was.keys()].filter((name) => !is.has(name)).map((name) => `- sub-workflow ${name}`),
    ...[...is].flatMap(([name, graph]) => {
      const old = was.get(name);
      return old ? diffGraphs(old, graph).map((line) => `${name}: ${line}`) : [`+ sub-workflow ${name}`];
    }),
  ];
}

function diffGraphs(before: PlanGraph, after: PlanGraph): string[] {
  const settings = Object.keys({ ...before, ...after }).filter((name) => !NOT_SETTINGS.includes(name));
  return [
    ...diffLists("executor", before.executors, after.executors),
    ...diffLists("edge", before.edges, after.edges),
    ...diffOrder(before, after),
    ...settings.flatMap((name) => diffField(name, before, after)),
  ];
}

const NOT_SETTINGS = ["executors", "edges", "fingerprint", "format", "workflows"];

interface Named {
  readonly id: string;
}

function diffLists(what: string, before: readonly Named[], after: readonly Named[]): string[] {
  const [old, now] = [byId(before), byId(after)];
  const gone = before.filter(({ id }) => !now.has(id)).map(({ id }) => `- ${what} ${id}`);
  const come = after.filter(({ id }) => !old.has(id)).map(({ id }) => `+ ${what} ${id}`);
  const changed = after.flatMap((one) => {
    const was = old.get(one.id);
    const fields = was ? changedFields(was, one) : [];
    return fields.length === 0 ? [] : [`~ ${what} ${one.id}: ${fields.join(", ")}`];
  });
  return [...gone, ...come, ...changed];
}

/** The order of executors is the order of calls within a superstep. */
function diffOrder(before: PlanGraph, after: PlanGraph): string[] {
  const shared = (plan: PlanGraph, other: PlanGraph) => {
    const ids = byId(other.executors);
    return plan.executors.map(({ id }) => id).filter((id) => ids.has(id));
  };
  const [was, is] = [shared(before, after), shared(after, before)];
  return canonicalJson(was) === canonicalJson(is) ? [] : [`~ order of executors: ${was.join(", ")} → ${is.join(", ")}`];
}

function diffField(name: string, before: object, after: object): string[] {
  const [was, is] = [textOf(before, name), textOf(after, name)];
  return was === is ? [] : [`~ ${name}: ${was} → ${is}`];
}

function changedFields(before: object, after: object): string[] {
  const names = Object.keys({ ...before, ...after });
  return names.filter((name) => textOf(before, name) !== textOf(after, name));
}

function textOf(plan: object, name: string): string {
  const value: unknown = Object.entries(plan).find(([key]) => key === name)?.[1];
  return value === undefined ? "none" : canonicalJson(value);
}

function byId<Item extends Named>(items: readonly Item[]): ReadonlyMap<string, Item> {
  return new Map(items.map((item) => [item.id, item]));
}
