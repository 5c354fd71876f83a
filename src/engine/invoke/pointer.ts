import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ValueIssue } from "../../errors.ts";

export type Path = readonly PropertyKey[];

/** A JSON pointer (RFC 6901): `["items", 0, "a/b"]` is `/items/0/a~1b`. */
export function pointerOf(path: Path): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Issues of a Standard Schema with their places as JSON pointers. */
export function valueIssuesOf(issues: readonly StandardSchemaV1.Issue[]): ValueIssue[] {
  return issues.map(({ path = [], message }) => ({
    pointer: pointerOf(path.map((part) => (typeof part === "object" ? part.key : part))),
    message,
  }));
}

const MAX_IN_WORDS = 3;

/** The first issues as a sentence part: `"/amount": expected number; "/name": too short; and 2 more`. */
export function issuesInWords(issues: readonly ValueIssue[]): string {
  const words = issues
    .slice(0, MAX_IN_WORDS)
    .map(({ pointer, message }) => (pointer === "" ? message : `"${pointer}": ${message}`));
  const more = issues.length - words.length;
  return [...words, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}
