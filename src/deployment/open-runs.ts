import { z } from "zod";
import type { Connection } from "../client/connection.ts";
import { isWorkflowError } from "../errors.ts";
import { type RunSummary, runPage, runStatus } from "../wire/status.ts";

const OPEN = "Pending,Running,Suspended";
const PAGE_SIZE = "200";

const servedList = z.object({ workflows: z.array(z.object({ name: z.string() })) });

/** The names of the workflows that a host serves. */
export async function servedNames(host: Connection): Promise<string[]> {
  const answer = await host.send({ method: "GET", path: ["workflows"], isRepeatable: true });
  return servedList.parse(answer).workflows.map(({ name }) => name);
}

/** An open run with the version of its plan. */
export interface OpenRun {
  readonly runId: string;
  readonly workflow: string;
  readonly version: string;
}

/**
 * The open runs of a workflow on a host, page by page. A long run moves to the end of the list when it goes on as new, so the
 * list is read from the oldest run on: what moves meanwhile is met again, and never missed.
 */
export async function* openRuns(host: Connection, workflow: string): AsyncGenerator<OpenRun, void> {
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    const query = { status: OPEN, order: "oldest", limit: PAGE_SIZE, cursor };
    const path = ["workflows", workflow, "runs"];
    const page = runPage.parse(await host.send({ method: "GET", path, query, isRepeatable: true }));
    for (const run of page.runs.filter(({ runId }) => !seen.has(runId))) {
      seen.add(run.runId);
      const version = run.version ?? (await recordedVersion(host, run));
      if (version !== undefined) yield { runId: run.runId, workflow, version };
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

/** A run that has not begun has published nothing, but its start is recorded. */
async function recordedVersion(host: Connection, { workflow, runId }: RunSummary): Promise<string | undefined> {
  try {
    const path = ["workflows", workflow, "status", runId];
    return runStatus.parse(await host.send({ method: "GET", path, isRepeatable: true })).version;
  } catch (error) {
    // Deleted since it was listed: not open any more.
    if (isWorkflowError(error) && error.code === "RUN_NOT_FOUND") return undefined;
    throw error;
  }
}
