import { framePath, TOP, within } from "../wire/frame-path.ts";
import type { JsonText } from "../wire/json.ts";
import type { Plan } from "../wire/plan.ts";
import type { Address, Frame, Queued, RunState } from "../wire/run-state.ts";
import { type Draft, indexIn, isFirst, owned, ownedFrame, replace } from "./draft.ts";
import { own } from "./own.ts";
import { indexAt } from "./plan-index.ts";

/**
 * State that a node keeps between its calls. A call of a sub-workflow has state of its own; a key that is kept begins with what the
 * last completed call of the same node left in it, within the frame around. A call that fails leaves it as it was.
 *
 * So calls of such a node go on one after the other: while one is open, what else is sent to the node is held back, in order.
 *
 * ```
 *                                          queue          held      frames             kept by Child
 *   A has sent 1 and 2 to Child            1, 2
 *   superstep 2: 1 is taken alone          2                        Child~1
 *   Child~1 goes on                        Child~1~Last   2         Child~1
 *   Child~1 has ended                      2                                           what it left
 *   superstep 4                                                     Child~2, with it
 * ```
 */

/** The value that a key of a frame begins with; undefined for one that is not kept, or was never left. */
export function keptValue({ state, plan }: Draft, frame: string, name: string): JsonText | undefined {
  const caller = own(state.frames, frame)?.caller;
  if (!caller || !indexAt(plan, frame).keptKeys.has(name)) return undefined;
  const around = caller.frame === undefined ? state : own(state.frames, caller.frame);
  return own(own(around?.kept ?? {}, caller.executorId) ?? {}, name);
}

/** Leaves the kept values of a call that has completed to the next call of its node. */
export function leaveKept(draft: Draft, path: string, { caller, values }: Frame): void {
  const names = [...indexIn(draft, path).keptKeys].filter((name) => own(values, name) !== undefined);
  if (names.length === 0) return;
  const { frame: around = TOP, executorId } = caller;
  const scope = around === TOP ? draft.state : ownedFrame(draft, around);
  if (isFirst(draft, `kept ${around}`)) scope.kept = { ...scope.kept };
  const kept = scope.kept ?? {};
  const before = own(kept, executorId) ?? {};
  const after = Object.fromEntries(names.map((name) => [name, own(values, name) ?? ""]));
  kept[executorId] = { ...before, ...after };
  for (const name of names) draft.state.chars += (own(after, name) ?? "").length - (own(before, name) ?? "").length;
}

/** Characters that nodes of a graph keep. */
export function keptChars({ kept = {} }: Pick<RunState, "kept">): number {
  const texts = Object.values(kept).flatMap((values) => Object.values(values));
  return texts.reduce((chars, text) => chars + text.length, 0);
}

/** Puts aside what is queued for nodes that have a call open and take one at a time. */
export function holdBack(draft: Draft): void {
  if (!hasKept(draft.plan)) return;
  const open = new Set(Object.values(draft.state.frames).map(({ caller }) => nodeOf(caller, caller.executorId)));
  const isHeld = (item: Queued) => takesOneAtATime(draft, item) && open.has(nodeOf(item, item.to));
  const held = draft.state.queue.filter(isHeld);
  if (held.length === 0) return;
  replace(
    draft,
    "queue",
    draft.state.queue.filter((item) => !isHeld(item)),
  );
  draft.state.held = [...(draft.state.held ?? []), ...held];
}

/** Queues again what was held back: whether its turn has come is looked at before the next superstep. */
export function releaseHeld(draft: Draft): void {
  const { held } = draft.state;
  if (!held) return;
  owned(draft, "queue").push(...held);
  delete draft.state.held;
}

/** Whether a call of what this is for has to have ended before the next one begins. */
export function takesOneAtATime({ plan }: Draft, { kind, frame = TOP, to }: Queued): boolean {
  if (kind === "response" || kind === "compensation" || !hasKept(plan)) return false;
  if (indexAt(plan, frame).executors.get(to)?.kind !== "workflow") return false;
  return indexAt(plan, framePath(frame, to, 1)).keptKeys.size > 0;
}

/** A node in its frame, whatever its call. */
export function nodeOf({ frame = TOP }: Pick<Address, "frame">, executorId: string): string {
  return within(frame, executorId);
}

const keeping = new WeakMap<Plan, boolean>();

/** Asked for all that is queued, so it is found out once for each plan. */
function hasKept(plan: Plan): boolean {
  const known = keeping.get(plan) ?? (plan.workflows ?? []).some(({ state }) => state.some(({ isKept }) => isKept));
  keeping.set(plan, known);
  return known;
}
