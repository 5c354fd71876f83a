import { createHash } from "node:crypto";
import { z } from "zod";

/**
 * A JSON value as its text. What executors exchange travels as text from end to end: the engine and the orchestrator
 * never look inside, and no host on the way can rewrite a date or a number in it
 * (docs/decisions/0002-values-travel-as-json-text.md).
 */
export const jsonText = z.string().min(1);
export type JsonText = string;

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export function parseJson(text: JsonText): JsonValue {
  return JSON.parse(text) as JsonValue;
}

/** JSON text with sorted keys and no white space, so that equal values have equal text (RFC 8785 in spirit). */
export function canonicalJson(value: unknown): JsonText {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

/** SHA-256 in lower-case hex. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
