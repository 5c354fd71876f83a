import type { ErrorData } from "../wire/error-data.ts";
import { TOP } from "../wire/frame-path.ts";
import type { JsonText } from "../wire/json.ts";
import { DEFAULT_LIMITS, type MapEdge } from "../wire/plan.ts";
import type { Address, MapState, QueuedCall, QueuedItems } from "../wire/run-state.ts";
import { type Draft, enqueue, errorOf, fail, inFrame, owned, ownedMap } from "./draft.ts";
import { drop } from "./drop.ts";
import { itemsIn } from "./json-list.ts";
import { giveUp } from "./leftovers.ts";
import { edgeOf, endMap, inPieces, putResult, takeWaiting } from "./map-state.ts";
import { own } from "./own.ts";

/**
 * Maps: one call for each item of a list, joined to a list of results in the order of the items. The items stay with the map
 * and one entry in the queue stands for those that come next: a superstep takes as many of them as it has room for, and as
 * the map's concurrency allows, and what is left queues up again behind everything else. So a long map is done in windows, a
 * busy map holds nothing else up, and what was begun goes on before more is begun.
 *
 * ```
 * list [a, b, c], two at a time      queue        in flight    waiting   results
 *   the list arrives                 items                     a b c
 *   superstep 2                                   a b          c
 *   a ends, b is put off             items                     c         a
 *   superstep 3                                   c                      a
 *   c ends                                                               a c
 *   superstep 4 (b is due)                        b                      a c
 *   b ends                           [a, b, c]
 * ```
 */

/** Begins a map over a list that has arrived at its edge. */
export function openMap(draft: Draft, frame: string, edge: MapEdge, listJson: JsonText): void {
  const items = itemsIn(listJson);
  const most = draft.plan.limits.maxMapItems ?? DEFAULT_LIMITS.maxMapItems;
  if (!items || items.length > most) {
    fail(draft, frame, items ? tooWide(edge, items.length, most) : noList(edge));
    return;
  }
  const { state } = draft;
  const number = (state.mapsOpened ?? 0) + 1;
  state.mapsOpened = number;
  state.chars += items.reduce((chars, itemJson) => chars + itemJson.length, 0);
  owned(draft, "maps")[number] = {
    ...inFrame(frame),
    edge: edge.id,
    size: items.length,
    waiting: inPieces(items),
    results: [],
    running: 0,
    failed: 0,
    isQueued: false,
  };
  goOn(draft, `${number}`);
}

/** The next items of a map: at most `most`, and as its concurrency allows. What is left is queued again, behind what is there. */
export function takeItems(draft: Draft, { map: id, to, sentIn }: QueuedItems, most: number): QueuedCall[] {
  const map = ownedMap(draft, id);
  const edge = edgeOf(draft, map);
  const { items, first } = takeWaiting(map, Math.min(most, roomIn(map, edge)));
  map.running += items.length;
  map.isQueued = false;
  queueItems(draft, id, map, edge);
  const call = { kind: "message", to, from: edge.from, ...inFrame(map.frame), sentIn, attempt: 1 } as const;
  return items.map((valueJson, place) => ({ ...call, valueJson, item: { map: id, index: first + place } }));
}

/** Takes what an item's call returned. */
export function fillPlace(draft: Draft, { frame, item }: Address, executorId: string, valueJson: JsonText): void {
  const map = item && own(draft.state.maps, item.map);
  if (!item || !map) {
    drop(draft, frame, executorId, valueJson, "mapEnded");
    return;
  }
  const isPlain = edgeOf(draft, map).policy === "all";
  putResult(draft, item, isPlain ? valueJson : `{"ok":true,"output":${valueJson}}`);
  goOn(draft, item.map);
}

/**
 * Takes the failure of an item's call.
 *
 * @param isTaken - an error edge has taken it, so that it fails the map alone
 */
export function failItem(draft: Draft, { item }: Address, error: ErrorData, isTaken: boolean): void {
  const open = item && own(draft.state.maps, item.map);
  if (!item || !open) return;
  const { policy } = edgeOf(draft, open);
  const { stack: _stack, ...data } = error;
  const map = putResult(draft, item, `{"ok":false,"error":${JSON.stringify(data)}}`);
  map.failed += 1;
  if (draft.unmet?.has(item.map)) return;
  const needed = policy === "all" ? map.size : policy === "settle" ? 0 : policy.atLeast;
  if (map.size - map.failed >= needed) goOn(draft, item.map);
  else if (isTaken) missPolicy(draft, item.map, map, undefined);
  else missPolicy(draft, item.map, map, policy === "all" ? error : tooFew(draft, map, needed, data));
}

/** Ends the maps that cannot come to what they promise any more. What they are still at is given up. */
export function endUnmet(draft: Draft): boolean {
  const [id] = draft.unmet ?? [];
  if (id === undefined) return false;
  draft.unmet?.delete(id);
  if (!own(draft.state.maps, id)) return true;
  endMap(draft, id, "mapEnded");
  giveUp(draft, ({ item }) => item?.map === id, "mapEnded");
  return true;
}

/** It ends with the superstep: outcomes that belong to it, and to frames that do, are still to be applied. */
function missPolicy(draft: Draft, id: string, { frame = TOP }: MapState, error: ErrorData | undefined): void {
  draft.unmet ??= new Set();
  draft.unmet.add(id);
  if (error) fail(draft, frame, error);
}

/** Looks what a map needs next: its list of results sent on, or its next items queued. */
function goOn(draft: Draft, id: string): void {
  if (draft.unmet?.has(id)) return;
  const map = ownedMap(draft, id);
  const edge = edgeOf(draft, map);
  if (map.running > 0 || map.waiting.length > 0) queueItems(draft, id, map, edge);
  else if (typeof edge.policy === "object" && map.size - map.failed < edge.policy.atLeast) {
    // A list that was too short from the start.
    missPolicy(draft, id, map, tooFew(draft, map, edge.policy.atLeast, undefined));
  } else {
    const results = map.results.flat().sort(([one], [other]) => one - other);
    endMap(draft, id, "mapEnded");
    const valueJson = `[${results.map(([, resultJson]) => resultJson).join(",")}]`;
    enqueue(draft, { ...inFrame(map.frame), to: edge.to, from: edge.each, valueJson });
  }
}

function queueItems(draft: Draft, id: string, map: MapState, edge: MapEdge): void {
  if (map.isQueued || map.waiting.length === 0 || roomIn(map, edge) <= 0) return;
  map.isQueued = true;
  const { superstep: sentIn } = draft.state;
  owned(draft, "queue").push({ kind: "items", to: edge.each, ...inFrame(map.frame), map: id, sentIn });
}

function roomIn({ running }: MapState, { concurrency = Number.POSITIVE_INFINITY }: MapEdge): number {
  return concurrency - running;
}

function noList({ from, each }: MapEdge): ErrorData {
  const whatIsWrong = `"${from}" sent something that is no list, so "${each}" cannot be mapped over it.`;
  return errorOf("MAP_NO_LIST", whatIsWrong, `Let the output schema of "${from}" be that of a list.`);
}

function tooWide({ from, each }: MapEdge, size: number, most: number): ErrorData {
  const whatIsWrong = `"${from}" sent a list of ${size} items to be mapped over "${each}"; the limit is ${most}.`;
  return errorOf("MAP_TOO_WIDE", whatIsWrong, "Send shorter lists, or raise maxMapItems.");
}

const MAX_CAUSES = 8;

function tooFew(draft: Draft, map: MapState, needed: number, last: ErrorData | undefined): ErrorData {
  const { each } = edgeOf(draft, map);
  const whatIsWrong = `The map over "${each}" needs ${needed} calls that succeed; of ${map.size}, ${map.failed} have failed.`;
  const error = errorOf(
    "MAP_TOO_FEW",
    whatIsWrong,
    "Its causes show the last failure, the events of the run all of them.",
  );
  const causes = last ? [{ name: last.name, code: last.code, message: last.message }, ...last.causes] : [];
  return { ...error, executorId: each, ...inFrame(map.frame), causes: causes.slice(0, MAX_CAUSES) };
}
