import type { IncomingMessage } from "node:http";
import type { CorsSettings } from "../app/local-settings.ts";
import { type Answer, problemAnswer } from "./answer.ts";

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];

export interface GuardOptions {
  readonly port: number;
  /** Names besides those of loopback, in lower case: with a port that one is meant, without one any. */
  readonly allowedHosts?: readonly string[];
  readonly cors?: CorsSettings | null;
}

/** A second Host header is read in different ways by whatever is in front of this host: such a request is refused. */
type Guarded = Pick<IncomingMessage, "headers" | "headersDistinct">;

/**
 * Refuses what a page of another site can make a browser send here: a name that was made to resolve to this machine (the
 * Host header gives it away), or a request with a foreign Origin.
 *
 * @returns null for a request that may pass
 */
export function refusal(
  { headers, headersDistinct: { host: hosts = [] } }: Guarded,
  options: GuardOptions,
): Answer | null {
  const host = hosts.length === 1 ? (hosts[0]?.toLowerCase() ?? "") : "";
  if (!isOwn(host, options)) {
    const names = ["localhost, 127.0.0.1 and [::1]", ...(options.allowedHosts ?? [])].join(", ");
    return problemAnswer(
      "HOST_NOT_ALLOWED",
      "Host not allowed",
      `This host answers to ${names} on port ${options.port}.`,
    );
  }
  const origin = headers.origin?.toLowerCase();
  if (origin === undefined || isOwnOrigin(origin, options) || allowedOrigin(origin, options.cors) !== null) return null;
  return problemAnswer(
    "ORIGIN_NOT_ALLOWED",
    "Origin not allowed",
    "This host answers pages of its own origin, and of those named in Host.CORS of local.settings.json.",
  );
}

/** @returns what `Access-Control-Allow-Origin` says to a page of this origin; null when it may read nothing */
export function allowedOrigin(origin: string | undefined, cors: CorsSettings | null | undefined): string | null {
  if (origin === undefined || !cors) return null;
  if (cors.origins === "*") return "*";
  return cors.origins.includes(origin.toLowerCase()) ? origin : null;
}

export function isOwnOrigin(origin: string, options: GuardOptions): boolean {
  const [, scheme, authority = ""] = /^(https?):\/\/(.+)$/.exec(origin.toLowerCase()) ?? [];
  if (scheme === "http") return isOwn(authority, options);
  // Only something in front of this host speaks https, and it has a name that was allowed.
  return scheme === "https" && isAmong(authority, options.allowedHosts ?? []);
}

function isOwn(authority: string, { port, allowedHosts = [] }: GuardOptions): boolean {
  const isLoopback = LOOPBACK_NAMES.some(
    (name) => authority === `${name}:${port}` || (port === 80 && authority === name),
  );
  return isLoopback || isAmong(authority, allowedHosts);
}

function isAmong(authority: string, allowed: readonly string[]): boolean {
  const withoutPort = authority.replace(/:\d+$/, "");
  return allowed.includes(authority) || allowed.includes(withoutPort);
}
