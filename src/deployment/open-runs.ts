import { z } from "zod";
import type { Connection } from "../client/connection.ts";
import { isWorkflowError } from "../errors.ts";
import { type RunSummary, runPage, runStatus } from "../wire/status.ts";

const OPEN = "Pending,Running,Suspended";
const PAGE_SIZE = "200";

/** What a host serves that has runs, by the routes where they are. */
type Kind = "workflows" | "agents";

const served = z.array(z.object({ name: z.string() }));
const servedList = z.object({ workflows: served.optional(), agents: served.optional() });

/** The names of the workflows that a host serves. */
export async function servedWorkflows(host: Connection): Promise<string[]> {
  return namesIn(await host.send({ method: "GET", path: ["workflows"], isRepeatable: true }), "workflows");
}

function namesIn(answer: unknown, kind: Kind): string[] {
  return (servedList.parse(answer)[kind] ?? []).map(({ name }) => name);
}

/**
 * The open runs of all agents that a host serves by themselves. An app without agents has no such routes, and one of an older
 * build does not list their runs.
 *
 * @returns undefined for an agent whose runs the host does not list; no agents at all where it has no such routes
 * @throws {WorkflowError} what the host answers otherwise, and that it does not
 */
export async function openAgentRuns(host: Connection): Promise<ReadonlyMap<string, readonly OpenRun[] | undefined>> {
  const answer = await host.send({ method: "GET", path: ["agents"], isRepeatable: true, isOptional: true });
  const runs = new Map<string, readonly OpenRun[] | undefined>();
  for (const name of answer === undefined ? [] : namesIn(answer, "agents")) {
    runs.set(name, await openRuns(host, "agents", name));
  }
  return runs;
}

/** An open run with the version of its plan. */
export interface OpenRun {
  readonly runId: string;
  readonly workflow: string;
  readonly version: string;
}

/**
 * The open runs of a workflow or agent on a host, page by page. A long run moves to the end of the list when it goes on as new, so the
 * list is read from the oldest run on: what moves meanwhile is met again, and never missed.
 *
 * @returns undefined for an agent whose runs the host does not list
 */
export function openRuns(host: Connection, kind: "workflows", workflow: string): Promise<OpenRun[]>;
export function openRuns(host: Connection, kind: "agents", workflow: string): Promise<OpenRun[] | undefined>;
export async function openRuns(host: Connection, kind: Kind, workflow: string): Promise<OpenRun[] | undefined> {
  const seen = new Set<string>();
  const open: OpenRun[] = [];
  let cursor: string | undefined;
  do {
    const query = { status: OPEN, order: "oldest", limit: PAGE_SIZE, cursor };
    const path = [kind, workflow, "runs"];
    const answer = await host.send({ method: "GET", path, query, isRepeatable: true, isOptional: kind === "agents" });
    if (answer === undefined && kind === "agents") return undefined;
    const page = runPage.parse(answer);
    for (const run of page.runs.filter(({ runId }) => !seen.has(runId))) {
      seen.add(run.runId);
      const version = run.version ?? (await recordedVersion(host, kind, run));
      if (version !== undefined) open.push({ runId: run.runId, workflow, version });
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return open;
}

/** A run that has not begun has published nothing, but its start is recorded. */
async function recordedVersion(
  host: Connection,
  kind: Kind,
  { workflow, runId }: RunSummary,
): Promise<string | undefined> {
  try {
    const path = [kind, workflow, "status", runId];
    return runStatus.pick({ version: true }).parse(await host.send({ method: "GET", path, isRepeatable: true }))
      .version;
  } catch (error) {
    // Deleted since it was listed: not open any more.
    if (isWorkflowError(error) && error.code === "RUN_NOT_FOUND") return undefined;
    throw error;
  }
}
