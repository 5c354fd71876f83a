import { TOP } from "../wire/frame-path.ts";
import type { FanInEdge } from "../wire/plan.ts";
import type { RunState } from "../wire/run-state.ts";
import { type Draft, enqueue, errorOf, fail, indexIn, isFirst, ownedIn, scopeOf } from "./draft.ts";
import { own } from "./own.ts";
import { type PlanIndex, reachedBy } from "./plan-index.ts";

/**
 * Fan-ins: messages wait at the barrier until each source has sent one. Then one of each goes on as one list, and the
 * rest stays, so that a fan-in works in a loop and with branches of different length. Each frame has fan-ins of its own.
 */

type Barrier = RunState["barriers"][string];

const MISSING = "null";

/** Lets a message wait at a fan-in, and fires the fan-in when it was the last one missing. */
export function arrive(draft: Draft, frame: string, edge: FanInEdge, source: string, valueJson: string): void {
  const barrier = ownedBarrier(draft, frame, edge.id);
  const waiting = own(barrier, source);
  if (waiting) waiting.push(valueJson);
  else barrier[source] = [valueJson];
  draft.state.chars += valueJson.length;
  if (silentSources(draft, frame, edge).length === 0) fire(draft, frame, edge);
}

/** For a frame that has nothing else left to do: fires one fan-in that may have empty places, else fails it for those that are half full. */
export function resolveHalfFull(draft: Draft, frame: string): boolean {
  const index = indexIn(draft, frame);
  const { barriers } = scopeOf(draft, frame);
  const halfFull = [...index.fanIns.values()].filter((edge) => Object.hasOwn(barriers, edge.id));
  const ready = halfFull.filter(({ allowMissing }) => allowMissing);
  const canFeed = (edge: FanInEdge, other: FanInEdge) => feeds(index, edge, silentSources(draft, frame, other));
  // One that feeds another goes first: what it sends may fill the other's empty places.
  const first = ready.find((edge) => !ready.some((other) => other !== edge && canFeed(other, edge))) ?? ready[0];
  if (first) fire(draft, frame, first);
  else if (halfFull.length > 0) failIncomplete(draft, frame, halfFull);
  return halfFull.length > 0;
}

function failIncomplete(draft: Draft, frame: string, halfFull: readonly FanInEdge[]): void {
  const waits = halfFull.map(
    (edge) => `the fan-in into "${edge.to}" waits for ${quoted(silentSources(draft, frame, edge))}`,
  );
  const what = frame === TOP ? "The run" : `Frame "${frame}"`;
  fail(
    draft,
    frame,
    errorOf(
      "FAN_IN_INCOMPLETE",
      `${what} has nothing left to do, but ${waits.join("; ")}.`,
      "Let every source send one message a round, or declare allowMissing on the fan-in.",
    ),
  );
}

/** Sends on one message of each source, in the order the fan-in declares, with null in empty places. */
function fire(draft: Draft, frame: string, edge: FanInEdge): void {
  const barrier = ownedBarrier(draft, frame, edge.id);
  const taken = edge.from.map((source) => own(barrier, source)?.[0] ?? MISSING);
  for (const [source, waiting] of Object.entries(barrier)) {
    draft.state.chars -= waiting.shift()?.length ?? 0;
    if (waiting.length === 0) delete barrier[source];
  }
  if (Object.keys(barrier).length === 0) delete ownedIn(draft, frame, "barriers")[edge.id];
  enqueue(draft, { frame, to: edge.to, from: edge.to, valueJson: `[${taken.join(",")}]` });
}

function silentSources(draft: Draft, frame: string, edge: FanInEdge): string[] {
  const barrier = scopeOf(draft, frame).barriers[edge.id] ?? {};
  return edge.from.filter((source) => !Object.hasOwn(barrier, source));
}

/** The messages at one fan-in, to be changed in place; copied once for each transition. */
function ownedBarrier(draft: Draft, frame: string, edgeId: string): Barrier {
  const barriers = ownedIn(draft, frame, "barriers");
  const before = barriers[edgeId];
  const isNew = isFirst(draft, `barrier ${frame} ${edgeId}`);
  if (before && !isNew) return before;
  const copy = Object.fromEntries(Object.entries(before ?? {}).map(([source, waiting]) => [source, waiting.slice()]));
  barriers[edgeId] = copy;
  return copy;
}

/** Whether a message from the target of a fan-in can come to one of these silent sources of another. */
function feeds(index: PlanIndex, edge: FanInEdge, silentIds: readonly string[]): boolean {
  const silent = new Set(silentIds);
  const seen = new Set<string>();
  const open = [edge.to];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (silent.has(id)) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    const edges = [...(index.outgoing.get(id) ?? []), ...(index.errorEdges.get(id) ?? [])];
    open.push(...edges.flatMap(reachedBy));
  }
  return false;
}

function quoted(ids: readonly string[]): string {
  return ids.map((id) => `"${id}"`).join(", ");
}
