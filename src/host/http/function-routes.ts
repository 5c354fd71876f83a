import type { IncomingMessage } from "node:http";
import type { FunctionApp } from "../app/function-app.ts";
import type { WriteLog } from "../log.ts";
import { type Answer, problemAnswer } from "./answer.ts";
import { readBody } from "./body.ts";
import { hasForgedPrincipal, toTypedData } from "./function-request.ts";
import { toAnswer } from "./function-response.ts";
import { findRoute, type Route, type RouteMatch } from "./route-table.ts";

export interface FunctionRoutesOptions {
  readonly app: FunctionApp;
  readonly routes: readonly Route[];
  readonly bodyLimitBytes: number;
  readonly write: WriteLog;
}

/** Answers a request to a function of the app. */
export function createFunctionRoutes({ app, routes, bodyLimitBytes, write }: FunctionRoutesOptions) {
  async function answer(request: IncomingMessage, target: string, { route, params }: RouteMatch): Promise<Answer> {
    const bytes = await readBody(request, bodyLimitBytes);
    if (bytes === null)
      return problemAnswer("BODY_TOO_LARGE", "Body too large", `The limit is ${bodyLimitBytes} bytes.`);
    const { method = "GET", headers } = request;
    const { name } = route.fn;
    const isDropped = bytes.byteLength > 0 && headers["content-length"] === undefined;
    if (isDropped) {
      write("warning", `Function "${name}" got a chunked body. It arrives empty, as in Azure. Send a Content-Length.`);
    }
    if (hasForgedPrincipal(headers)) {
      write(
        "warning",
        `Function "${name}" got X-MS-CLIENT-PRINCIPAL headers. They are dropped: nobody vouches for them.`,
      );
    }
    const data = toTypedData({ method, target, headers, params, body: isDropped ? null : bytes });
    try {
      return toAnswer(await app.invokeHttp(route.fn, data));
    } catch (error) {
      write("error", `Function "${name}" failed: ${error instanceof Error ? error.stack : String(error)}`);
      return { status: 500 };
    }
  }

  /** @returns null when no function has this route and method */
  return function functionRoutes(request: IncomingMessage, path: string, target: string): Promise<Answer> | null {
    const match = findRoute(routes, request.method ?? "GET", path);
    return match ? answer(request, target, match) : null;
  };
}
