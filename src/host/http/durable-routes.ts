import type { IncomingMessage } from "node:http";
import { isWorkflowError } from "../../errors.ts";
import type { WriteLog } from "../log.ts";
import { type Answer, messageAnswer } from "./answer.ts";
import { readBody } from "./body.ts";
import type { DurableApi } from "./durable-api.ts";
import { pathSegments } from "./route-template.ts";
import type { Routes } from "./router.ts";
import { hasSystemKey, queryOf } from "./system-key-check.ts";

export const WEBHOOK_PATH = "/runtime/webhooks/durabletask";

/** This host's own: with "keep", a start is refused when an instance of its id exists. The extension does not know it. */
const EXISTING_HEADER = "x-durable-host-existing";

export interface DurableRoutesOptions {
  readonly api: DurableApi;
  readonly bodyLimitBytes: number;
  readonly write: WriteLog;
}

/** The management API for the app's own client: the path cannot be guessed, so it needs no key. */
export function createRpcRoutes(basePath: string, options: DurableRoutesOptions): Routes {
  return (request, path, target) =>
    path.startsWith(basePath) ? answer(request, path.slice(basePath.length), target, options) : null;
}

/** The management API for others: with the system key as query `code` or header `x-functions-key`. */
export function createWebhookRoutes(systemKey: string, options: DurableRoutesOptions): Routes {
  return (request, path, target) => {
    if (!isBelow(path)) return null;
    if (!hasSystemKey(request, target, systemKey)) return { status: 401 };
    return answer(request, path.slice(WEBHOOK_PATH.length), target, options);
  };
}

function isBelow(path: string): boolean {
  return path.toLowerCase().startsWith(`${WEBHOOK_PATH}/`);
}

async function answer(
  request: IncomingMessage,
  subPath: string,
  target: string,
  { api, bodyLimitBytes, write }: DurableRoutesOptions,
): Promise<Answer> {
  const token = request.headers["x-ms-continuation-token"];
  try {
    return await api({
      method: request.method ?? "GET",
      segments: pathSegments(subPath),
      query: queryOf(target),
      contentType: request.headers["content-type"],
      keepsExisting: request.headers[EXISTING_HEADER] === "keep",
      continuationToken: typeof token === "string" ? token : undefined,
      readBody: () => readText(request, bodyLimitBytes),
    });
  } catch (error) {
    if (error instanceof BodyTooLargeError) return messageAnswer(413, error.message);
    if (isWorkflowError(error) && error.code === "HISTORY_DAMAGED") return messageAnswer(500, error.message);
    if (request.errored) throw error;
    // The path holds what must not be logged, so only the error is.
    write("error", `A call of the durable management API failed: ${error instanceof Error ? error.stack : error}`);
    return messageAnswer(500, "Something went wrong while processing your request.");
  }
}

class BodyTooLargeError extends Error {}

async function readText(request: IncomingMessage, limitBytes: number): Promise<string> {
  const bytes = await readBody(request, limitBytes);
  if (bytes === null) throw new BodyTooLargeError(`The body is longer than ${limitBytes} bytes.`);
  return bytes.toString("utf8");
}
