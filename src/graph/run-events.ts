import type { OutputOf, TypedNode } from "./node-types.ts";
import type { TypedRunEvent } from "./runner.ts";

type Completion = Extract<TypedRunEvent, { readonly type: "executorCompleted" }>;

/** The completion of one executor or port, with the type of what it returned or sent on. */
export type CompletionOf<Node extends TypedNode> = Completion & {
  readonly executorId: Node["id"];
  readonly output: OutputOf<Node>;
};

/** Whether a run event tells that this executor or port completed a call; if so, `event.output` has its type. */
export function isCompletionOf<Node extends TypedNode>(
  event: TypedRunEvent,
  executor: Node,
): event is CompletionOf<Node> {
  return event.type === "executorCompleted" && event.executorId === executor.id;
}
