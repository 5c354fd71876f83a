import { charsOf, type Draft, record, replace } from "./draft.ts";
import { own } from "./own.ts";
import { drop } from "./route.ts";

/** Drops what a run leaves behind that goes on no more, and records it: queue, delayed calls, then what waits at fan-ins. */
export function dropAll(draft: Draft): void {
  const { state } = draft;
  for (const item of [...state.queue, ...state.delayed.map((one) => one.item)]) {
    state.chars -= charsOf(item);
    if (item.kind === "message") drop(draft, item.from ?? item.to, item.valueJson, "runEnded");
    else if (item.kind === "response") record(draft, { type: "responseIgnored", requestId: item.requestId });
  }
  for (const edge of draft.index.fanIns.values()) {
    const barrier = state.barriers[edge.id] ?? {};
    for (const source of new Set(edge.from)) {
      for (const valueJson of own(barrier, source) ?? []) {
        state.chars -= valueJson.length;
        drop(draft, source, valueJson, "runEnded");
      }
    }
  }
  replace(draft, "queue", []);
  replace(draft, "delayed", []);
  replace(draft, "barriers", {});
}
