import type { z } from "zod";
import { type ErrorCode, WorkflowError } from "../errors.ts";
import type { JsonValue } from "../wire/json.ts";

/** Reads the fields of a JSON body; fields it does not know are left alone, so that newer callers get along. */
export function parseFields<Fields>(
  schema: z.ZodType<Fields>,
  body: JsonValue,
  code: ErrorCode,
  whatToDo: string,
): Fields {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => ({
    pointer: path.map((key) => `/${String(key)}`).join(""),
    message,
  }));
  const places = issues.map(({ pointer, message }) => (pointer === "" ? message : `"${pointer}": ${message}`));
  throw new WorkflowError(code, `The body cannot be used: ${places.join("; ")}.`, whatToDo, { issues });
}
