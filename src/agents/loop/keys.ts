import type { StateKeyNode } from "../../graph/runtime.ts";
import { defineState } from "../../graph/state.ts";
import { agentCall, SLOTS, slot } from "./state.ts";

/** The call that is going on; null before its first turn. */
export const callKey: StateKeyNode = defineState({ name: "call", schema: agentCall.nullable(), initial: null });

export const slotKeys: readonly StateKeyNode[] = Array.from({ length: SLOTS }, (_key, index) =>
  defineState({ name: `slot${index}`, schema: slot, initial: null }),
);
