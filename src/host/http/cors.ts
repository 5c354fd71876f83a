import type { IncomingMessage, ServerResponse } from "node:http";
import type { CorsSettings } from "../app/local-settings.ts";
import type { Answer } from "./answer.ts";
import { allowedOrigin } from "./request-guard.ts";

/** Lets pages of the allowed origins read the answer, as Core Tools does: with any header and any method. */
export function addCorsHeaders(request: IncomingMessage, response: ServerResponse, cors: CorsSettings | null): void {
  const allowed = allowedOrigin(request.headers.origin, cors);
  if (allowed === null) return;
  response.setHeader("access-control-allow-origin", allowed);
  if (allowed !== "*") response.setHeader("vary", "Origin");
  if (cors?.allowsCredentials) response.setHeader("access-control-allow-credentials", "true");
}

/** The question of a browser before a request that a plain page could not send; null for any other request. */
export function preflightAnswer({ method, headers }: IncomingMessage, cors: CorsSettings | null): Answer | null {
  const asked = headers["access-control-request-method"];
  if (method !== "OPTIONS" || asked === undefined || allowedOrigin(headers.origin, cors) === null) return null;
  const names = headers["access-control-request-headers"];
  return {
    status: 204,
    headers: {
      "access-control-allow-methods": asked,
      ...(names === undefined ? {} : { "access-control-allow-headers": names }),
    },
  };
}
