import type { Action } from "./answer.ts";
import { ReplayFailure } from "./replay-failure.ts";

/** @throws {ReplayFailure} for a field that is missing, empty or no text */
export function text(action: Action, field: string): string {
  const value = action[field];
  if (typeof value !== "string" || value === "") throw malformed(action, field);
  return value;
}

export function malformed(action: Action, field: string): ReplayFailure {
  return new ReplayFailure(`An action of type ${action.actionType} has no usable "${field}".`);
}
