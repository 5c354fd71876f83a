import type { IncomingMessage } from "node:http";
import type { FunctionApp } from "../app/function-app.ts";
import type { WriteLog } from "../log.ts";
import type { Access, Door } from "./access.ts";
import { type Answer, problemAnswer } from "./answer.ts";
import { readBody } from "./body.ts";
import { hasForgedPrincipal, toStreamRequest, toTypedData } from "./function-request.ts";
import { toAnswer, withoutOwnHeaders } from "./function-response.ts";
import { type GateOptions, RequestGate } from "./request-gate.ts";
import { findRoute, type Route, type RouteMatch } from "./route-table.ts";
import type { StreamWriter } from "./stream-writer.ts";

export interface FunctionRoutesOptions {
  readonly app: FunctionApp;
  readonly routes: readonly Route[];
  readonly access: Access;
  readonly gate: GateOptions;
  readonly bodyLimitBytes: number;
  readonly customHeaders: Readonly<Record<string, string>>;
  readonly streams: Pick<StreamWriter, "isFull">;
  readonly write: WriteLog;
}

/** Answers a request to a function of the app. */
export function createFunctionRoutes(options: FunctionRoutesOptions) {
  const { app, routes, access, bodyLimitBytes, customHeaders, streams, write } = options;
  const gate = new RequestGate(options.gate);

  async function answer(request: IncomingMessage, target: string, { route, params }: RouteMatch): Promise<Answer> {
    const bytes = await readBody(request, bodyLimitBytes);
    if (bytes === null) return bodyTooLarge(bodyLimitBytes);
    const { method = "GET", headers } = request;
    const { name } = route.fn;
    const isDropped = bytes.byteLength > 0 && headers["content-length"] === undefined;
    if (isDropped) {
      write("warning", `Function "${name}" got a chunked body. It arrives empty, as in Azure. Send a Content-Length.`);
    }
    const data = toTypedData({ method, target, headers, params, body: isDropped ? null : bytes });
    return answered(name, async () => toAnswer(await app.invokeHttp(route.fn, data)));
  }

  async function streamed(request: IncomingMessage, target: string, { route, params }: RouteMatch): Promise<Answer> {
    if (Number(request.headers["content-length"] ?? 0) > bodyLimitBytes) return bodyTooLarge(bodyLimitBytes);
    if (streams.isFull) return tooManyStreams();
    const streamRequest = toStreamRequest(request, target, params, bodyLimitBytes);
    return answered(route.fn.name, async () => {
      const { status = 204, headers = {}, body = null } = (await app.streamHttp(route.fn, streamRequest)) ?? {};
      return { status, headers: withoutOwnHeaders(headers), ...(body && { stream: body }) };
    });
  }

  async function answered(name: string, call: () => Promise<Answer>): Promise<Answer> {
    try {
      const { headers: own, ...rest } = await call();
      return { ...rest, headers: { ...customHeaders, ...own } };
    } catch (error) {
      write("error", `Function "${name}" failed: ${error instanceof Error ? error.stack : String(error)}`);
      return { status: 500 };
    }
  }

  /** @returns null when no function has this route and method */
  return function functionRoutes(request: IncomingMessage, path: string, target: string): Promise<Answer> | null {
    const match = findRoute(routes, request.method ?? "GET", path);
    if (!match) return null;
    const { fn } = match.route;
    if (hasForgedPrincipal(request.headers)) {
      write(
        "warning",
        `Function "${fn.name}" got X-MS-CLIENT-PRINCIPAL headers. They are dropped: nobody vouches for them.`,
      );
    }
    const door = doorOf(match.route);
    const refused = door && access.refusal(request, target, door);
    const respond = app.isStreaming ? streamed : answer;
    return refused ?? gate.pass(() => respond(request, target, match));
  };
}

function bodyTooLarge(limitBytes: number): Answer {
  return problemAnswer("BODY_TOO_LARGE", "Body too large", `The limit is ${limitBytes} bytes.`);
}

function tooManyStreams(): Answer {
  const answer = problemAnswer("HOST_OVERLOADED", "Host overloaded", "As many streams are open as this host allows.");
  return { ...answer, headers: { ...answer.headers, "retry-after": "5" } };
}

/** Null for a function that asks nobody for a key. A binding without a level means `function`, as in the real host. */
function doorOf({ fn }: Route): Door | null {
  const level = (fn.trigger.authLevel ?? "function").toLowerCase();
  if (level === "anonymous") return null;
  return level === "admin" ? { kind: "admin" } : { kind: "function", name: fn.name };
}
