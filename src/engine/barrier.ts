import type { FanInEdge } from "../wire/plan.ts";
import type { RunState } from "../wire/run-state.ts";
import { type Draft, enqueue, errorOf, fail, owned } from "./draft.ts";
import { own } from "./own.ts";
import { targetsOf } from "./plan-index.ts";

/**
 * Fan-ins: messages wait at the barrier until each source has sent one. Then one of each goes on as one list, and the
 * rest stays, so that a fan-in works in a loop and with branches of different length.
 */

type Barrier = RunState["barriers"][string];

const MISSING = "null";

/** Lets a message wait at a fan-in, and fires the fan-in when it was the last one missing. */
export function arrive(draft: Draft, edge: FanInEdge, source: string, valueJson: string): void {
  const barrier = ownedBarrier(draft, edge.id);
  const waiting = own(barrier, source);
  if (waiting) waiting.push(valueJson);
  else barrier[source] = [valueJson];
  draft.state.chars += valueJson.length;
  if (silentSources(draft, edge).length === 0) fire(draft, edge);
}

/**
 * For a run that has nothing else left to do: fires one fan-in that may have empty places, else fails the run for those
 * that are half full.
 */
export function resolveHalfFull(draft: Draft): void {
  const halfFull = [...draft.index.fanIns.values()].filter((edge) => Object.hasOwn(draft.state.barriers, edge.id));
  const ready = halfFull.filter(({ allowMissing }) => allowMissing);
  // One that feeds another goes first: what it sends may fill the other's empty places.
  const first = ready.find((edge) => !ready.some((other) => other !== edge && feeds(draft, other, edge))) ?? ready[0];
  if (first) fire(draft, first);
  else if (halfFull.length > 0) failIncomplete(draft, halfFull);
}

function failIncomplete(draft: Draft, halfFull: readonly FanInEdge[]): void {
  const waits = halfFull.map((edge) => `the fan-in into "${edge.to}" waits for ${quoted(silentSources(draft, edge))}`);
  fail(
    draft,
    errorOf(
      "FAN_IN_INCOMPLETE",
      `The run has nothing left to do, but ${waits.join("; ")}.`,
      "Let every source send one message a round, or declare allowMissing on the fan-in.",
    ),
  );
}

/** Sends on one message of each source, in the order the fan-in declares, with null in empty places. */
function fire(draft: Draft, edge: FanInEdge): void {
  const barrier = ownedBarrier(draft, edge.id);
  const taken = edge.from.map((source) => own(barrier, source)?.[0] ?? MISSING);
  for (const [source, waiting] of Object.entries(barrier)) {
    draft.state.chars -= waiting.shift()?.length ?? 0;
    if (waiting.length === 0) delete barrier[source];
  }
  if (Object.keys(barrier).length === 0) delete owned(draft, "barriers")[edge.id];
  enqueue(draft, { to: edge.to, from: edge.to, valueJson: `[${taken.join(",")}]` });
}

function silentSources(draft: Draft, edge: FanInEdge): string[] {
  const barrier = draft.state.barriers[edge.id] ?? {};
  return edge.from.filter((source) => !Object.hasOwn(barrier, source));
}

/** The messages at one fan-in, to be changed in place; copied once for each transition. */
function ownedBarrier(draft: Draft, edgeId: string): Barrier {
  const barriers = owned(draft, "barriers");
  const before = barriers[edgeId];
  if (before && draft.copiedBarriers.has(edgeId)) return before;
  const copy = Object.fromEntries(Object.entries(before ?? {}).map(([source, waiting]) => [source, waiting.slice()]));
  barriers[edgeId] = copy;
  draft.copiedBarriers.add(edgeId);
  return copy;
}

/** Whether a message from the target of one fan-in can come to a silent source of another. */
function feeds(draft: Draft, edge: FanInEdge, other: FanInEdge): boolean {
  const silent = new Set(silentSources(draft, other));
  const seen = new Set<string>();
  const open = [edge.to];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (silent.has(id)) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    const edges = [...(draft.index.outgoing.get(id) ?? []), ...(draft.index.errorEdges.get(id) ?? [])];
    open.push(...edges.flatMap(targetsOf));
  }
  return false;
}

function quoted(ids: readonly string[]): string {
  return ids.map((id) => `"${id}"`).join(", ");
}
