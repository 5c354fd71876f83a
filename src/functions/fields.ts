import type { z } from "zod";
import { valueIssuesOf } from "../engine/invoke/pointer.ts";
import { misfit } from "../engine/invoke/validate.ts";
import type { ErrorCode } from "../errors.ts";
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
  throw misfit(code, "The body", valueIssuesOf(parsed.error.issues), whatToDo);
}
