import type { IncomingHttpHeaders } from "node:http";
import { type Answer, problemAnswer } from "./answer.ts";

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Refuses what a page of another site can make a browser send here: a name that was made to resolve to this machine (the
 * Host header gives it away), or a request with a foreign Origin.
 *
 * @returns null for a request that may pass
 */
export function refusal(headers: IncomingHttpHeaders, port: number): Answer | null {
  const host = headers.host?.toLowerCase() ?? "";
  if (!authorities(port).includes(host)) {
    return problemAnswer(
      "HOST_NOT_ALLOWED",
      "Host not allowed",
      `This host answers to localhost, 127.0.0.1 and [::1] on port ${port}.`,
    );
  }
  const origin = headers.origin?.toLowerCase();
  if (origin !== undefined && !authorities(port).some((authority) => origin === `http://${authority}`)) {
    return problemAnswer("ORIGIN_NOT_ALLOWED", "Origin not allowed", "This host answers pages of its own origin only.");
  }
  return null;
}

function authorities(port: number): readonly string[] {
  const withPort = LOOPBACK_NAMES.map((name) => `${name}:${port}`);
  return port === 80 ? [...LOOPBACK_NAMES, ...withPort] : withPort;
}
