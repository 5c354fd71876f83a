import { WorkflowError } from "../../errors.ts";
import type { JsonText } from "../../wire/json.ts";
import { type Path, pointerOf } from "./pointer.ts";

/** Levels of lists and objects a value may have. */
const MAX_DEPTH = 64;

interface Problem {
  readonly path: Path;
  readonly what: string;
}

/**
 * A value as JSON text. Only what comes back unchanged is taken: a Date, a Map or NaN would arrive as something else.
 * Members that are undefined vanish, as JSON does it.
 *
 * @param whose - names the value in the message: `the value executor "Split" sends`
 * @throws {WorkflowError} `VALUE_NOT_JSON` with the place as a JSON pointer
 */
export function jsonTextOf(value: unknown, whose: string): JsonText {
  const problem = findProblem(value);
  const text = problem ?? textOf(value);
  if (typeof text === "string") return text;
  const { path, what } = text;
  const pointer = pointerOf(path);
  throw new WorkflowError(
    "VALUE_NOT_JSON",
    `JSON would change ${whose}: ${pointer === "" ? "it" : `"${pointer}"`} is ${what}.`,
    "Use text, numbers, booleans, null, lists and plain objects, and turn them back in the receiver's schema.",
    { issues: [{ pointer, message: `is ${what}` }] },
  );
}

/** A value that looked right may still answer otherwise when it is read again: a proxy, a getter. */
function textOf(value: unknown): JsonText | Problem {
  const unreadable = { path: [], what: "something that reads differently each time" };
  try {
    return (JSON.stringify(value) as JsonText | undefined) ?? unreadable;
  } catch {
    return unreadable;
  }
}

function findProblem(value: unknown): Problem | null {
  try {
    return problemIn(value, []);
  } catch (error) {
    return { path: [], what: `something that cannot be read (${error instanceof Error ? error.message : error})` };
  }
}

/** `parents`: the lists and objects the value is in, outermost first; left as it was unless there is a problem. */
function problemIn(value: unknown, parents: object[]): Problem | null {
  switch (typeof value) {
    case "string":
    case "boolean":
      return null;
    case "number":
      return Number.isFinite(value) ? null : { path: [], what: String(value) };
    case "object":
      return value === null ? null : problemInObject(value, parents);
    case "undefined":
      return { path: [], what: "undefined" };
    default:
      return { path: [], what: `a ${typeof value}` };
  }
}

function problemInObject(value: object, parents: object[]): Problem | null {
  if (parents.includes(value)) return { path: [], what: "a cycle" };
  if (parents.length >= MAX_DEPTH) return { path: [], what: `more than ${MAX_DEPTH} levels deep` };
  const isList = Array.isArray(value);
  if (!isList && !isPlain(value)) return { path: [], what: `an instance of ${nameOf(value)}` };
  if ("toJSON" in value && typeof value.toJSON === "function") return { path: ["toJSON"], what: "a function" };
  parents.push(value);
  const problem = isList ? problemInList(value, parents) : problemInMembers(value, parents);
  parents.pop();
  return problem;
}

function problemInList(list: readonly unknown[], parents: object[]): Problem | null {
  for (let index = 0; index < list.length; index++) {
    const problem = problemIn(list[index], parents);
    if (problem) return { ...problem, path: [index, ...problem.path] };
  }
  return null;
}

function problemInMembers(value: object, parents: object[]): Problem | null {
  for (const key of Object.keys(value)) {
    const member = (value as Readonly<Record<string, unknown>>)[key];
    const problem = member === undefined ? null : problemIn(member, parents);
    if (problem) return { ...problem, path: [key, ...problem.path] };
  }
  return null;
}

/** Plain objects of every realm have a prototype without a prototype, or none. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function nameOf(value: object): string {
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "" ? name : "a class";
}
