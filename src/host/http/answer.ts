import type { ServerResponse } from "node:http";
import type { ReadableStream } from "node:stream/web";
import { ERRORS, type ErrorCode } from "../../errors.ts";

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  /** A body that is still in the making, instead of one that is whole. */
  readonly stream?: ReadableStream<unknown>;
}

export const STATUSES_WITHOUT_BODY: readonly number[] = [204, 205, 304];

export function jsonAnswer(status: number, json: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { ...headers, "content-type": "application/json; charset=utf-8" }, body: json };
}

/** An error in the shape of the Durable extension. */
export function messageAnswer(status: number, message: string): Answer {
  return jsonAnswer(status, JSON.stringify({ Message: message }));
}

/** An error of the host itself, as RFC 9457 has it. */
export function problemAnswer(code: ErrorCode, title: string, detail: string): Answer {
  const { httpStatus: status } = ERRORS[code];
  return {
    status,
    headers: { "content-type": "application/problem+json" },
    body: JSON.stringify({ type: `urn:durable-workflows:error:${code}`, title, status, detail, code }),
  };
}

/** Writes an answer whose body is whole. */
export function writeAnswer(response: ServerResponse, { status, headers, body = "" }: Answer): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const hasBody = !STATUSES_WITHOUT_BODY.includes(status);
  response.writeHead(status, { ...headers, ...(hasBody ? { "content-length": bytes.byteLength } : {}) });
  response.end(hasBody ? bytes : undefined);
}
