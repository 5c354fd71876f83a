import { z } from "zod";
import { ERRORS, type ErrorCode, WorkflowError } from "../../errors.ts";
import { EXPORT_PATH } from "../http/export-routes.ts";
import { readRunFile } from "./run-file.ts";

const problem = z.object({
  code: z.custom<ErrorCode>((code) => typeof code === "string" && Object.hasOwn(ERRORS, code)),
  detail: z.string(),
});

/**
 * Asks a running host for a run of it, as a file. The host goes on with the run.
 *
 * @returns the text of the file; null when no such host answers there
 * @throws {WorkflowError} `RUN_NOT_FOUND`, `EXPORT_REFUSED`, `HISTORY_DAMAGED`, as the host says; `RUN_FILE_INVALID`
 */
export async function exportOverHttp(url: string, systemKey: string, runId: string): Promise<string | null> {
  const headers = { "x-functions-key": systemKey };
  const answer = await fetch(`${url}${EXPORT_PATH}${encodeURIComponent(runId)}`, { headers }).catch(() => null);
  const text = await answer?.text().catch(() => null);
  if (!answer || typeof text !== "string") return null;
  if (answer.ok) {
    readRunFile(text);
    return text;
  }
  const { data } = problem.safeParse(jsonOf(text));
  if (data) throw new WorkflowError(data.code, data.detail, "");
  return null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
