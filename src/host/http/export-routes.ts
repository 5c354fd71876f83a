import type { IncomingMessage } from "node:http";
import { ERRORS, isWorkflowError } from "../../errors.ts";
import type { Access } from "./access.ts";
import { type Answer, jsonAnswer, problemAnswer } from "./answer.ts";
import { pathSegments } from "./route-template.ts";
import type { Routes } from "./router.ts";

/** This host's own; the run's id follows. */
export const EXPORT_PATH = "/admin/durable/runs/";

export interface ExportRoutesOptions {
  readonly systemKey: string;
  readonly access: Access;
  /** @returns text of the file that holds a run. @throws {WorkflowError} `RUN_NOT_FOUND`, `EXPORT_REFUSED`, `HISTORY_DAMAGED` */
  readonly runFile: (runId: string) => Promise<string>;
}

/** `GET /admin/durable/runs/{runId}`: a run as `export` writes it. It holds all a run knows, so the system key is asked for always. */
export function createExportRoutes({ systemKey, access, runFile }: ExportRoutesOptions): Routes {
  return (request: IncomingMessage, path, target) => {
    if (request.method !== "GET" || !path.startsWith(EXPORT_PATH)) return null;
    const [runId, ...more] = pathSegments(path.slice(EXPORT_PATH.length));
    if (runId === undefined || more.length > 0) return null;
    return access.refusal(request, target, { kind: "system", key: systemKey }) ?? answer(() => runFile(runId));
  };
}

async function answer(runFile: () => Promise<string>): Promise<Answer> {
  try {
    return jsonAnswer(200, await runFile());
  } catch (error) {
    if (!isWorkflowError(error)) throw error;
    const title = ERRORS[error.code].httpStatus === 404 ? "Run not found" : "Run cannot be exported";
    return problemAnswer(error.code, title, error.message);
  }
}
