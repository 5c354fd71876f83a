import type { JsonText } from "../wire/json.ts";
import type { MapEdge } from "../wire/plan.ts";
import type { MapItem, MapState, Queued } from "../wire/run-state.ts";
import { type Draft, indexIn, isFirst, owned, ownedMap, replace } from "./draft.ts";
import { type DropReason, drop } from "./drop.ts";

/** What is kept of a map. Its lists are in pieces, so that taking an item or keeping a result copies a piece, not the list. */

const PIECE = 100;

export function inPieces(items: readonly JsonText[]): JsonText[][] {
  const count = Math.ceil(items.length / PIECE);
  return Array.from({ length: count }, (_, piece) => items.slice(piece * PIECE, (piece + 1) * PIECE));
}

export function edgeOf(draft: Draft, { frame, edge: id }: MapState): MapEdge {
  const edge = indexIn(draft, frame).maps.get(id);
  if (edge) return edge;
  throw new TypeError(`The plan of the run has no map "${id}", which is open; the engine has lost count.`);
}

/** The next items, at most so many. @returns their texts, and the place of the first one in the list */
export function takeWaiting(map: MapState, most: number): { items: JsonText[]; first: number } {
  const first = map.size - map.waiting.reduce((left, piece) => left + piece.length, 0);
  const items: JsonText[] = [];
  let pieces = 0;
  let rest: JsonText[] = [];
  for (const piece of map.waiting) {
    const room = most - items.length;
    if (room <= 0) break;
    items.push(...piece.slice(0, room));
    rest = piece.slice(room);
    pieces++;
  }
  map.waiting = [...(rest.length > 0 ? [rest] : []), ...map.waiting.slice(pieces)];
  return { items, first };
}

/** Keeps what became of an item. */
export function putResult(draft: Draft, { map: id, index }: MapItem, resultJson: JsonText): MapState {
  const map = ownedMap(draft, id);
  draft.state.chars += resultJson.length;
  map.running -= 1;
  if (isFirst(draft, `results ${id}`)) map.results = [...map.results.slice(0, -1), [...(map.results.at(-1) ?? [])]];
  const last = map.results.at(-1);
  if (last && last.length < PIECE) last.push([index, resultJson]);
  else map.results.push([[index, resultJson]]);
  return map;
}

/** Takes a map out of the run, with its entry in the queue. What it did not begin is dropped, and recorded as one list. */
export function endMap(draft: Draft, id: string, reason: DropReason): MapState {
  const map = ownedMap(draft, id);
  const edge = edgeOf(draft, map);
  const waiting = map.waiting.flat();
  delete owned(draft, "maps")[id];
  draft.state.chars -= waiting.reduce((chars, itemJson) => chars + itemJson.length, 0);
  draft.state.chars -= map.results.flat().reduce((chars, [, resultJson]) => chars + resultJson.length, 0);
  if (map.isQueued) {
    const isOther = (entry: Queued) => entry.kind !== "items" || entry.map !== id;
    replace(draft, "queue", draft.state.queue.filter(isOther));
  }
  if (waiting.length > 0) drop(draft, map.frame, edge.from, `[${waiting.join(",")}]`, reason);
  return map;
}
