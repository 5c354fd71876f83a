import { WorkflowError } from "../../errors.ts";
import type { GraphNode, StateKeyNode } from "../runtime.ts";

/** Every state key that an executor of the graph declares, once, in the order of first mention. */
export function stateKeysOf(nodes: readonly GraphNode[]): StateKeyNode[] {
  const keys = nodes.flatMap((node) => (node.kind === "executor" ? [...node.state.reads, ...node.state.writes] : []));
  return [...new Set(keys)];
}

/** @throws {WorkflowError} `STATE_KEY_DUPLICATE` for two definitions of one name, `PLAN_INVALID` for a name that cannot be kept */
export function checkStateKeys(workflow: string, keys: readonly StateKeyNode[]): void {
  const names = new Set<string>();
  for (const { name } of keys) {
    if (name === "" || name in Object.prototype) {
      throw new WorkflowError(
        "PLAN_INVALID",
        `Workflow "${workflow}" uses a state key with the name "${name}".`,
        "Choose a name that is not empty and that no plain object has as a member.",
      );
    }
    if (names.has(name)) {
      throw new WorkflowError(
        "STATE_KEY_DUPLICATE",
        `Workflow "${workflow}" uses two definitions of the state key "${name}".`,
        "Define it once with defineState and use that object everywhere, or rename one.",
      );
    }
    names.add(name);
  }
}
