import type { HttpRequest } from "@azure/functions";
import { z } from "zod";
import { readOptionalJson } from "./body.ts";
import { parseFields } from "./fields.ts";

const fields = z.object({ reason: z.string().max(1_000).optional() });

/** The reason in the body of a management call, which may be left out, body and all. */
export async function readReason(request: HttpRequest): Promise<string | undefined> {
  const body = (await readOptionalJson(request)) ?? {};
  return parseFields(fields, body, "PARAMETER_INVALID", 'Send { "reason": "…" }, or no body.').reason;
}
