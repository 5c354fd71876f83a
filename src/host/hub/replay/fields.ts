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

/**
 * @returns null for what JSON leaves out or has no other word for
 * @throws {ReplayFailure} for a value that cannot be JSON: a cycle, a BigInt
 */
export function jsonOrNull(value: unknown): string | null {
  try {
    const json = JSON.stringify(value) as string | undefined;
    return json === undefined || json === "null" ? null : json;
  } catch (error) {
    throw new ReplayFailure(error instanceof Error ? error.message : String(error));
  }
}
