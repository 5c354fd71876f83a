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

/** For so long after a second began, runs may still come into it, at any place. Then the next page shows all of it again. */
const GROWING_MS = 2_000;

/** A run with its place in the list: when the host created its present generation. */
export interface ListedRun {
  readonly run: RunSummary;
  readonly placedAtMs: number;
}

/** The run a page ended with, by its place; without its id, all runs of its second follow again. */
const place = z.tuple([z.iso.datetime(), z.string()]);

/** Whoever reads page by page from the oldest run misses none: a long run only ever moves to where is still to be read. */
export const RUN_ORDERS = ["newest", "oldest"] as const;
export type RunOrder = (typeof RUN_ORDERS)[number];

export interface RunQuery {
  /** Left out: runs of every status. */
  readonly statuses?: readonly RunStatusName[];
  readonly limit: number;
  /** `nextCursor` of the page before, of the same order. */
  readonly cursor?: string;
  /** Which runs come first; `newest` when left out. */
  readonly order?: RunOrder;
}

/** Finds, among instances that were listed, what is to be listed as a run besides the runs themselves. */
export type FindMore = (listed: readonly Instance[]) => Promise<readonly ListedRun[]>;

/**
 * Runs of one workflow; a long run counts from its present generation. Runs that were created in the same second are in the
 * backend's order.
 *
 * @throws {WorkflowError} `PARAMETER_INVALID` for a cursor that is none
 */
export async function listRuns(
  instances: Instances,
  workflow: WorkflowNode,
  { statuses, limit, cursor, order = "newest" }: RunQuery,
  nowMs: number,
  findMore?: FindMore,
): Promise<RunPage> {
  const last = cursor === undefined ? undefined : readCursor(cursor);
  const runtimeStatus = statuses && [...new Set(statuses.flatMap((status) => runtimeStatusesOf(status, findMore)))];
  // By id: the end of one span is the beginning of the next.
  const found = new Map<string, ListedRun>();
  const [spans, compare] = order === "newest" ? [spansBack, newestFirst] : [spansOn, oldestFirst];
  for (const span of spans(last && Date.parse(last[0]), nowMs)) {
    const filter = { ...(runtimeStatus && { runtimeStatus }), ...span };
    const runs = (await readSpan(instances, workflow, filter, findMore)).filter(
      ({ run }) => statuses?.includes(run.status) ?? true,
    );
    for (const listed of runs.sort(compare)) if (!found.has(listed.run.runId)) found.set(listed.run.runId, listed);
    if (behind([...found.values()], last).length > limit) break;
  }
  const rows = behind([...found.values()], last);
  const page = rows.slice(0, limit);
  const end = page.at(-1);
  const isGrowing = order === "oldest" && end !== undefined && end.placedAtMs > nowMs - GROWING_MS;
  const nextCursor = end && rows.length > limit ? cursorOf(end, isGrowing) : null;
  return { runs: page.map(({ run }) => run), nextCursor };
}

/** What waits to become a run is an instance that is running, or that was suspended meanwhile. */
function runtimeStatusesOf(status: RunStatusName, findMore: FindMore | undefined): readonly RuntimeStatus[] {
  const { Pending, Running, Suspended } = RUNTIME_STATUSES;
  return status === "Pending" && findMore ? [...Pending, ...Running, ...Suspended] : RUNTIME_STATUSES[status];
}

type Span = Pick<InstanceFilter, "createdFromMs" | "createdToMs">;

/** From now, or from the second in which the last run of a page was created, into the past. */
function spansBack(lastMs: number | undefined, nowMs: number): Span[] {
  const topMs = lastMs ?? secondOf(nowMs);
  const ends = [lastMs === undefined ? undefined : lastMs + SECOND_MS - 1, ...SPANS_MS.map((spanMs) => topMs - spanMs)];
  return SPANS_MS.map((spanMs, place) => spanOf(topMs - spanMs, ends[place]));
}

/** From the beginning, or from the second in which the last run of a page was created, to whatever is created meanwhile. */
function spansOn(lastMs: number | undefined, nowMs: number): Span[] {
  const firstMs = lastMs ?? Number.NEGATIVE_INFINITY;
  const edges = SPANS_MS.map((spanMs) => secondOf(nowMs) - spanMs).filter((edgeMs) => edgeMs > firstMs);
  const beginnings = [firstMs, ...edges.toReversed()];
  return beginnings.map((fromMs, place) => spanOf(fromMs, beginnings[place + 1]));
}

function spanOf(createdFromMs: number, createdToMs: number | undefined): Span {
  return {
    ...(Number.isFinite(createdFromMs) && { createdFromMs }),
    ...(createdToMs !== undefined && { createdToMs }),
  };
}

function secondOf(ms: number): number {
  return Math.floor(ms / SECOND_MS) * SECOND_MS;
}

async function readSpan(
  instances: Instances,
  workflow: WorkflowNode,
  span: InstanceFilter,
  findMore: FindMore | undefined,
): Promise<ListedRun[]> {
  const orchestrator = orchestratorName(workflow.name).toLowerCase();
  const runs: ListedRun[] = [];
  let next: string | undefined;
  do {
    const page = await instances.list(span, next);
    const own = page.instances.filter(({ name }) => name.toLowerCase() === orchestrator);
    runs.push(...own.map((instance) => ({ run: summaryOf(workflow.name, instance), placedAtMs: placeOf(instance) })));
    runs.push(...((await findMore?.(page.instances)) ?? []));
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

function oldestFirst(one: ListedRun, other: ListedRun): number {
  return one.placedAtMs - other.placedAtMs;
}

/** What comes behind the last run of the page before; all of its second again if that run is not there any more. */
function behind(runs: readonly ListedRun[], last: z.infer<typeof place> | undefined): readonly ListedRun[] {
  if (!last) return runs;
  const [createdAt, runId] = last;
  const isLast = ({ run, placedAtMs }: ListedRun) => run.runId === runId && placedAtMs === Date.parse(createdAt);
  return runs.slice(runs.findIndex(isLast) + 1);
}

function cursorOf({ run, placedAtMs }: ListedRun, isGrowing: boolean): string {
  const end: z.infer<typeof place> = [new Date(placedAtMs).toISOString(), isGrowing ? "" : run.runId];
  return Buffer.from(JSON.stringify(end)).toString("base64url");
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
