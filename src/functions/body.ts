import type { HttpRequest } from "@azure/functions";
import { WorkflowError } from "../errors.ts";
import type { JsonValue } from "../wire/json.ts";
import { scanJson } from "./json-scanner.ts";

const MAX_BODY_BYTES = 1024 * 1024;

type MediaType = "application/json" | "text/plain";

/**
 * Reads the body of a run request: JSON, or text, which is the input as it stands and never parsed. A request without
 * a body and without a content type has the input `null`.
 *
 * @throws {WorkflowError} `BODY_TOO_LARGE`, `CONTENT_TYPE_UNSUPPORTED`, `BODY_NOT_JSON`, `BODY_TOO_DEEP`, looked for in this order
 */
export async function readInput(request: HttpRequest): Promise<JsonValue> {
  const bytes = await readBytes(request);
  if (bytes.byteLength === 0 && !request.headers.has("content-type")) return null;
  const type = mediaTypeOf(request, ["application/json", "text/plain"]);
  const text = decode(bytes);
  return type === "text/plain" ? text : parse(text);
}

/** Reads a body that has to be JSON; limits and errors are those of {@link readInput}. */
export async function readJson(request: HttpRequest): Promise<JsonValue> {
  const bytes = await readBytes(request);
  mediaTypeOf(request, ["application/json"]);
  return parse(decode(bytes));
}

/** As {@link readJson}, for a body that may be left out. */
export async function readOptionalJson(request: HttpRequest): Promise<JsonValue | undefined> {
  const bytes = await readBytes(request);
  if (bytes.byteLength === 0) return undefined;
  mediaTypeOf(request, ["application/json"]);
  return parse(decode(bytes));
}

async function readBytes(request: HttpRequest): Promise<ArrayBuffer> {
  checkSize(Number(request.headers.get("content-length") ?? 0));
  const bytes = await request.arrayBuffer();
  checkSize(bytes.byteLength);
  return bytes;
}

function checkSize(bytes: number): void {
  if (!(bytes > MAX_BODY_BYTES)) return;
  throw new WorkflowError(
    "BODY_TOO_LARGE",
    `The body has ${bytes} bytes, more than ${MAX_BODY_BYTES}.`,
    "Store the content elsewhere and send a reference to it.",
  );
}

function mediaTypeOf(request: HttpRequest, accepted: readonly MediaType[]): MediaType {
  const encoding = request.headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") throw unsupported(`a body compressed by "${encoding}"`, accepted);
  const header = request.headers.get("content-type") ?? "";
  const [name = "", ...parameters] = header.split(";").map((part) => part.trim().toLowerCase());
  const charset = parameters.find((part) => part.startsWith("charset="))?.slice("charset=".length);
  const isUtf8 = charset === undefined || charset.replaceAll('"', "") === "utf-8";
  const type = accepted.find((one) => one === name);
  if (type !== undefined && isUtf8) return type;
  throw unsupported(header === "" ? "a body without a Content-Type" : `a body of type "${header}"`, accepted);
}

function unsupported(what: string, accepted: readonly MediaType[]): WorkflowError {
  return new WorkflowError(
    "CONTENT_TYPE_UNSUPPORTED",
    `This route does not take ${what}.`,
    `Send it uncompressed, in UTF-8, with the header Content-Type: ${accepted.join(" or ")}.`,
  );
}

/** A byte order mark is a character like any other: text keeps it, and JSON has no place for it. */
function decode(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new WorkflowError("BODY_NOT_JSON", "The body is not valid UTF-8.", "Send it in UTF-8.", { cause: error });
  }
}

function parse(text: string): JsonValue {
  scanJson(text);
  return JSON.parse(text);
}
