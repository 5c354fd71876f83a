import type { IncomingMessage } from "node:http";
import { ERRORS, type ErrorCode, isWorkflowError, type WorkflowError } from "../../errors.ts";
import type { WriteLog } from "../log.ts";
import { type Access, isSameKey } from "./access.ts";
import { type Answer, messageAnswer } from "./answer.ts";
import { readBody } from "./body.ts";
import type { DurableApi } from "./durable-api.ts";
import type { DurableCall } from "./durable-call.ts";
import { queryOf } from "./query.ts";
import { pathSegments } from "./route-template.ts";
import type { Routes } from "./router.ts";

export const WEBHOOK_PATH = "/runtime/webhooks/durabletask";

/** This host's own: with "keep", a start is refused when an instance of its id exists. The extension does not know it. */
export const EXISTING_HEADER = "x-durable-host-existing";

export interface DurableRoutesOptions {
  readonly api: DurableApi;
  readonly bodyLimitBytes: number;
  readonly write: WriteLog;
}

/**
 * The management API for the app's own client: the path cannot be guessed, so it needs no key.
 *
 * @param basePath - `/SECRET/durabletask/`
 */
export function createRpcRoutes(basePath: string, options: DurableRoutesOptions): Routes {
  const { length } = basePath;
  const open = basePath.slice(basePath.lastIndexOf("/", length - 2));
  return (request, path, target) => {
    // By what is no secret first: few requests are of this form, and the time of the rest must not tell how much fits.
    if (!path.startsWith(open, length - open.length) || !isSameKey(path.slice(0, length), basePath)) return null;
    return answer(request, path.slice(length), target, null, options);
  };
}

/** The management API for others: with the system key, or the master key where the host checks keys. */
export function createWebhookRoutes(systemKey: string, access: Access, options: DurableRoutesOptions): Routes {
  return (request, path, target) => {
    if (!isBelow(path)) return null;
    const refused = access.refusal(request, target, { kind: "system", key: systemKey });
    const webhookUrl = `http://${request.headers.host}${WEBHOOK_PATH}`;
    return refused ?? answer(request, path.slice(WEBHOOK_PATH.length), target, webhookUrl, options);
  };
}

function isBelow(path: string): boolean {
  return path.toLowerCase().startsWith(`${WEBHOOK_PATH}/`);
}

async function answer(
  request: IncomingMessage,
  subPath: string,
  target: string,
  webhookUrl: string | null,
  { bodyLimitBytes, ...options }: DurableRoutesOptions,
): Promise<Answer> {
  const token = request.headers["x-ms-continuation-token"];
  const call = {
    method: request.method ?? "GET",
    segments: pathSegments(subPath),
    query: queryOf(target),
    webhookUrl,
    contentType: request.headers["content-type"],
    keepsExisting: request.headers[EXISTING_HEADER] === "keep",
    continuationToken: typeof token === "string" ? token : undefined,
    readBody: () => readText(request, bodyLimitBytes),
  };
  return answerCall(call, () => request.errored !== null, options);
}

/** @param isCutOff - tells whether the caller is gone, who would not hear of a failure */
export async function answerCall(
  call: DurableCall,
  isCutOff: () => boolean,
  { api, write }: Pick<DurableRoutesOptions, "api" | "write">,
): Promise<Answer> {
  try {
    return await api(call);
  } catch (error) {
    if (error instanceof BodyTooLargeError) return messageAnswer(413, error.message);
    if (error instanceof BodyNotTextError) return messageAnswer(400, error.message);
    if (isWorkflowError(error) && TOLD.includes(error.code)) return failureAnswer(error);
    if (isCutOff()) throw error;
    // The path holds what must not be logged, so only the error is.
    write("error", `A call of the durable management API failed: ${error instanceof Error ? error.stack : error}`);
    return messageAnswer(500, "Something went wrong while processing your request.");
  }
}

/** Failures of the hub that callers can do something about. */
const TOLD: readonly ErrorCode[] = ["HISTORY_DAMAGED", "STORE_WRITE_FAILED", "HOST_OVERLOADED"];
const RETRY_AFTER_SECONDS = "5";

function failureAnswer({ code, message, retryable }: WorkflowError): Answer {
  const answer = messageAnswer(ERRORS[code].httpStatus, message);
  return retryable ? { ...answer, headers: { ...answer.headers, "retry-after": RETRY_AFTER_SECONDS } } : answer;
}

export class BodyTooLargeError extends Error {}
class BodyNotTextError extends Error {}
const decoder = new TextDecoder("utf-8", { fatal: true });

async function readText(request: IncomingMessage, limitBytes: number): Promise<string> {
  const bytes = await readBody(request, limitBytes);
  if (bytes === null) throw new BodyTooLargeError(`The body is longer than ${limitBytes} bytes.`);
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw new BodyNotTextError("The body is not valid UTF-8.", { cause: error });
  }
}
