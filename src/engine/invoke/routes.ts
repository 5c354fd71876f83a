import { WorkflowError } from "../../errors.ts";
import type { EdgeCode, WorkflowNode } from "../../graph/runtime.ts";
import type { JsonText } from "../../wire/json.ts";
import type { Route, SentMessage } from "../../wire/outcome.ts";
import type { PlanEdge } from "../../wire/plan.ts";
import { targetsOf } from "../plan-index.ts";
import { asksCode } from "../route.ts";

type EdgeOf<Kind extends PlanEdge["kind"]> = Extract<PlanEdge, { kind: Kind }>;
type CodeOf<Kind extends EdgeCode["kind"]> = Extract<EdgeCode, { kind: Kind }>;

/** What user code has to say about a message on an edge. */
type Ask = (message: unknown) => Promise<Route>;

/** The answers of user code for the edges of one executor: what is asked, by edge. */
export interface Router {
  /** Answers for one message; it goes only to `to` when that is given. */
  routesOf(valueJson: JsonText, to?: string): Promise<SentMessage["routes"]>;
}

/** Finds the code for the edges that the run's plan has; an error where the deployed workflow lacks the code of one. */
export function routerOf(workflow: WorkflowNode, edges: readonly PlanEdge[]): Router | WorkflowError {
  const asked = edges.filter(asksCode);
  const asks = asked.map((edge) => ({ edge, ask: askOf(edge, workflow.edgeCode.get(edge.id)) }));
  const missing = asks.find(({ ask }) => ask === undefined);
  if (missing) return notDeployed(workflow, missing.edge);
  return {
    async routesOf(valueJson, to) {
      const routes: SentMessage["routes"] = {};
      for (const { edge, ask } of asks) {
        if (!ask || (to !== undefined && !targetsOf(edge).includes(to))) continue;
        // Each edge gets a message of its own: what a condition does to it does not reach the next one.
        routes[edge.id] = await ask(JSON.parse(valueJson));
      }
      return routes;
    },
  };
}

function askOf(edge: PlanEdge, code: EdgeCode | undefined): Ask | undefined {
  if (edge.kind === "direct" && code?.kind === "direct") return askCondition(edge, code);
  if (edge.kind === "fanOut" && code?.kind === "fanOut") return askSelector(edge, code);
  if (edge.kind === "switch" && code?.kind === "switch" && code.cases.length === edge.cases.length) {
    return askCases(edge, code);
  }
  return undefined;
}

function notDeployed(workflow: WorkflowNode, edge: PlanEdge): WorkflowError {
  return new WorkflowError(
    "EXECUTOR_NOT_DEPLOYED",
    `The deployed workflow "${workflow.name}" has no code for edge "${edge.id}", which this run's plan has.`,
    "Deploy it again; the run tries again by itself.",
  );
}

function askCondition(edge: EdgeOf<"direct">, { when }: CodeOf<"direct">): Ask {
  return async (message) => Boolean(await asking(edge, () => when(message)));
}

function askCases(edge: EdgeOf<"switch">, { cases }: CodeOf<"switch">): Ask {
  return async (message) => {
    for (const [place, when] of cases.entries()) {
      if (await asking(edge, () => when(message))) return place;
    }
    return -1;
  };
}

function askSelector(edge: EdgeOf<"fanOut">, { select }: CodeOf<"fanOut">): Ask {
  return async (message) => selectionOf(edge, await asking(edge, () => select(message)));
}

async function asking(edge: PlanEdge, ask: () => unknown): Promise<unknown> {
  try {
    return await ask();
  } catch (cause) {
    throw new WorkflowError(
      "CONDITION_FAILED",
      `The function on edge "${edge.id}" threw an error.`,
      "Correct it; it must answer every message its executor can send.",
      { cause },
    );
  }
}

/** The ids of the chosen executors, in the order of the edge. */
function selectionOf(edge: EdgeOf<"fanOut">, chosen: unknown): string[] {
  if (!Array.isArray(chosen)) throw selectionInvalid(edge, "something that is no list");
  const ids = new Set(chosen.map(idOf));
  for (const id of ids) {
    if (id === undefined) throw selectionInvalid(edge, "something that is no executor");
    if (!edge.to.includes(id)) throw selectionInvalid(edge, `"${id}"`);
  }
  return edge.to.filter((id) => ids.has(id));
}

function selectionInvalid(edge: EdgeOf<"fanOut">, what: string): WorkflowError {
  const targets = edge.to.map((id) => `"${id}"`).join(", ");
  return new WorkflowError(
    "SELECTION_INVALID",
    `The selector of edge "${edge.id}" chose ${what}.`,
    `Return a list of executors among ${targets}.`,
  );
}

function idOf(chosen: unknown): string | undefined {
  const isNode = typeof chosen === "object" && chosen !== null && "id" in chosen;
  return isNode && typeof chosen.id === "string" ? chosen.id : undefined;
}
