import { ReplayFailure } from "./replay-failure.ts";

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
