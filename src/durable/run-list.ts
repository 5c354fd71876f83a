import { z } from "zod";
import { WorkflowError } from "../errors.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import { orchestratorName } from "../wire/durable-names.ts";
import type { RunPage, RunStatusName, RunSummary } from "../wire/status.ts";
import { summaryOf } from "./run-status.ts";
import type { Instance, InstanceFilter, Instances } from "./sdk.ts";

type RuntimeStatus = Instance["runtimeStatus"];

/** A run that was cancelled has completed as an orchestration. */
const RUNTIME_STATUSES: Readonly<Record<RunStatusName, readonly RuntimeStatus[]>> = {
  Pending: ["Pending"],
  Running: ["Running", "ContinuedAsNew"],
  Suspended: ["Suspended"],
  Completed: ["Completed"],
  Failed: ["Failed"],
  Cancelled: ["Completed", "Canceled"],
  Terminated: ["Terminated"],
};

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * Backends list in an order of their own: by time on the local host, by id on Azure Storage. So time is cut into spans
 * that grow towards the past, each is read whole and sorted, and the reading stops once a page is full.
 */
const SPANS_MS = [10 * MINUTE_MS, 120 * MINUTE_MS, DAY_MS, 12 * DAY_MS, Number.POSITIVE_INFINITY];

/** Times in lists are cut to the second, so no span may begin or end within one. */
const SECOND_MS = 1_000;

/** A run with its place in the list: when the host created its present generation. */
interface ListedRun {
  readonly run: RunSummary;
  readonly placedAtMs: number;
}

/** The run a page ended with, by its place. */
const place = z.tuple([z.iso.datetime(), z.string()]);

export interface RunQuery {
  /** Left out: runs of every status. */
  readonly statuses?: readonly RunStatusName[];
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

/**
 * Runs of one workflow, newest first; a long run counts from its present generation. Runs that were created in the same
 * second are in the backend's order.
 *
 * @throws {WorkflowError} `PARAMETER_INVALID` for a cursor that is none
 */
export async function listRuns(
  instances: Instances,
  workflow: WorkflowNode,
  { statuses, limit, cursor }: RunQuery,
  nowMs: number,
): Promise<RunPage> {
  const last = cursor === undefined ? undefined : readCursor(cursor);
  const runtimeStatus = statuses && [...new Set(statuses.flatMap((status) => RUNTIME_STATUSES[status]))];
  const topMs = last ? Date.parse(last[0]) : Math.floor(nowMs / SECOND_MS) * SECOND_MS;
  // By id: the end of one span is the beginning of the next.
  const found = new Map<string, ListedRun>();
  let createdToMs = last && topMs + SECOND_MS - 1;
  for (const spanMs of SPANS_MS) {
    const createdFromMs = topMs - spanMs;
    const span = {
      ...(runtimeStatus && { runtimeStatus }),
      ...(Number.isFinite(createdFromMs) && { createdFromMs }),
      ...(createdToMs !== undefined && { createdToMs }),
    };
    const runs = (await readSpan(instances, workflow, span)).filter(
      ({ run }) => statuses?.includes(run.status) ?? true,
    );
    for (const listed of runs.sort(newestFirst)) if (!found.has(listed.run.runId)) found.set(listed.run.runId, listed);
    if (behind([...found.values()], last).length > limit) break;
    createdToMs = createdFromMs;
  }
  const rows = behind([...found.values()], last);
  const page = rows.slice(0, limit);
  const end = page.at(-1);
  return { runs: page.map(({ run }) => run), nextCursor: end && rows.length > limit ? cursorOf(end) : null };
}

async function readSpan(instances: Instances, workflow: WorkflowNode, span: InstanceFilter): Promise<ListedRun[]> {
  const orchestrator = orchestratorName(workflow.name).toLowerCase();
  const runs: ListedRun[] = [];
  let next: string | undefined;
  do {
    const page = await instances.list(span, next);
    const own = page.instances.filter(({ name }) => name.toLowerCase() === orchestrator);
    runs.push(...own.map((instance) => ({ run: summaryOf(workflow.name, instance), placedAtMs: placeOf(instance) })));
    next = page.next;
  } while (next !== undefined);
  return runs;
}

function placeOf({ createdTime }: Instance): number {
  return Date.parse(createdTime);
}

function newestFirst(one: ListedRun, other: ListedRun): number {
  return other.placedAtMs - one.placedAtMs;
}

/** What comes behind the last run of the page before; all of its second again if that run is there no more. */
function behind(runs: readonly ListedRun[], last: z.infer<typeof place> | undefined): readonly ListedRun[] {
  return last ? runs.slice(runs.findIndex(({ run }) => run.runId === last[1]) + 1) : runs;
}

function cursorOf({ run, placedAtMs }: ListedRun): string {
  return Buffer.from(JSON.stringify([new Date(placedAtMs).toISOString(), run.runId])).toString("base64url");
}

function readCursor(cursor: string): z.infer<typeof place> {
  try {
    return place.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
  } catch (error) {
    throw new WorkflowError(
      "PARAMETER_INVALID",
      `The cursor ${JSON.stringify(cursor.slice(0, 100))} is none of this list.`,
      "Send nextCursor of the page before, or leave it out for the first page.",
      { cause: error },
    );
  }
}
