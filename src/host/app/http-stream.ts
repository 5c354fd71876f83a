import { createRequire } from "node:module";
import { join } from "node:path";
import type { ReadableStream } from "node:stream/web";

/** A request as it comes in: headers first, the body while it is read. */
export interface StreamRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** What a handler answered; the body may still be in the making. */
export interface StreamAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: ReadableStream<unknown> | null;
}

export interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: string;
  readonly path?: string;
  readonly expires?: Date | number;
  readonly secure?: boolean;
  readonly httpOnly?: boolean;
  readonly sameSite?: string | boolean;
  readonly maxAge?: number;
}

interface LibraryResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ReadableStream<unknown> | null;
  readonly cookies: readonly Cookie[];
}

/** The public classes of the app's own copy of `@azure/functions`: handlers may compare them. */
interface Library {
  readonly HttpRequest: new (init: object) => object;
  readonly HttpResponse: new (init: object) => LibraryResponse;
}

/** Turns requests into what a handler takes, and what it returns into answers, where the app streams HTTP. */
export interface HttpStreams {
  toHandler(request: StreamRequest): object;
  /** @throws {Error} for a value that is no response */
  toAnswer(result: unknown, invocationId: string): StreamAnswer | null;
}

const WITHOUT_BODY = ["GET", "HEAD"];
/** They belong to one connection; the library strips them, too. */
const HOP_BY_HOP = [
  ...["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "trailers"],
  ...["transfer-encoding", "upgrade"],
];

export function createHttpStreams(appDir: string): HttpStreams {
  const { HttpRequest, HttpResponse } = createRequire(join(appDir, "package.json"))("@azure/functions") as Library;
  return {
    toHandler({ method, url, headers, params, body }) {
      const hasBody = !WITHOUT_BODY.includes(method);
      const native = new Request(url, {
        method,
        headers,
        ...(hasBody && { body, duplex: "half" }),
      } as RequestInit);
      return new HttpRequest({ nativeRequest: native, params });
    },
    toAnswer(result, invocationId) {
      if (result === null || result === undefined) return null;
      if (typeof result !== "object") {
        throw new Error(
          'The HTTP response must be an object with optional properties "body", "status", "headers", and "cookies".',
        );
      }
      const { status, headers, body, cookies } = result instanceof HttpResponse ? result : new HttpResponse(result);
      const named = (headers.get("connection") ?? "").split(",").map((name) => name.trim().toLowerCase());
      const kept = [...headers].filter(([name]) => !HOP_BY_HOP.includes(name) && !named.includes(name));
      return {
        status,
        headers: {
          ...Object.fromEntries(kept),
          "x-ms-invocation-id": invocationId,
          ...(cookies.length > 0 && { "set-cookie": cookies.map(cookieText) }),
        },
        body,
      };
    },
  };
}

/** One `Set-Cookie` value, in the form in which the library writes it when it answers itself. */
function cookieText({ name, value, ...cookie }: Cookie): string {
  const attributes = [`${name}=${encodeURIComponent(value)}`];
  if (cookie.maxAge !== undefined) attributes.push(`Max-Age=${Math.floor(cookie.maxAge)}`);
  if (cookie.domain) attributes.push(`Domain=${cookie.domain}`);
  if (cookie.path) attributes.push(`Path=${cookie.path}`);
  if (cookie.expires !== undefined) attributes.push(`Expires=${new Date(cookie.expires).toUTCString()}`);
  if (cookie.httpOnly) attributes.push("HttpOnly");
  if (cookie.secure) attributes.push("Secure");
  const sameSite = SAME_SITE[String(cookie.sameSite ?? "").toLowerCase()];
  if (sameSite) attributes.push(`SameSite=${sameSite}`);
  return attributes.join("; ");
}

const SAME_SITE: Readonly<Record<string, string>> = { true: "Strict", lax: "Lax", strict: "Strict", none: "None" };
