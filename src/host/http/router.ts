import type { IncomingMessage, OutgoingHttpHeaders, RequestListener, ServerResponse } from "node:http";
import type { ReadableStream } from "node:stream/web";
import type { WriteLog } from "../log.ts";
import { withinTime } from "../within-time.ts";
import { type Answer, problemAnswer, STATUSES_WITHOUT_BODY, writeAnswer } from "./answer.ts";
import type { Connections } from "./connections.ts";
import { addCorsHeaders, preflightAnswer } from "./cors.ts";
import type { HttpLimits } from "./limits.ts";
import { isLoopbackAddress } from "./loopback.ts";
import { type GuardOptions, refusal } from "./request-guard.ts";
import type { StreamWriter } from "./stream-writer.ts";

/** Answers a request, or says with null that it has no such route. `path` is `target` without its query. */
export type Routes = (request: IncomingMessage, path: string, target: string) => Promise<Answer> | Answer | null;

export interface Router {
  readonly onRequest: RequestListener;
  /**
   * Answers the calls of the app to this host, from now to the end: functions in flight need them, also before and after
   * the host answers anybody else.
   */
  serveApp(routes: Routes): void;
  /** Answers all requests from now on; before, they get 503. The first routes that know a request answer it. */
  serve(routes: readonly Routes[]): void;
  /**
   * Answers new requests with 503, and waits for those in flight.
   *
   * @returns after `graceMs` at the latest; what is not answered by then has got 503
   */
  drain(graceMs: number): Promise<void>;
}

type Phase = "starting" | "serving" | "stopping";

export interface RouterOptions {
  /** Asked for with each request: the port is known only once the host listens. */
  readonly guard: () => GuardOptions;
  readonly limits: HttpLimits;
  readonly connections: Connections;
  readonly streams: StreamWriter;
  readonly write: WriteLog;
}

export function createRouter({ guard, limits, connections, streams, write }: RouterOptions): Router {
  const inFlight = new Map<ServerResponse, Promise<void>>();
  let phase: Phase = "starting";
  let internal: Routes = () => null;
  let open: readonly Routes[] = [];

  function route(request: IncomingMessage, path: string, target: string): Promise<Answer> | Answer {
    const own = isLoopbackAddress(request.socket.remoteAddress ?? "") ? internal(request, path, target) : null;
    if (own) return own;
    if (connections.isSurplus(request.socket)) return crowded(limits.maxConnections);
    if (phase !== "serving") return unavailable(phase);
    const preflight = preflightAnswer(request, guard().cors ?? null);
    if (preflight) return preflight;
    for (const routes of open) {
      const answer = routes(request, path, target);
      if (answer) return answer;
    }
    return { status: 404 };
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? "/";
    // A reader who takes nothing of the answer holds it in memory for ever.
    response.setTimeout(limits.idleTimeoutMs, () => cutSlowReader(response));
    addCorsHeaders(request, response, guard().cors ?? null);
    try {
      const refused = target.startsWith("/") ? refusal(request, guard()) : badTarget();
      const answer = refused ?? (await route(request, target.split("?", 1)[0] ?? "/", target));
      if (!request.complete && answer.status >= 400) response.setHeader("connection", "close");
      if (answer.stream) await writeStream(request, response, answer, answer.stream);
      else writeAnswer(response, answer);
    } catch (error) {
      if (request.errored) return;
      write(
        "error",
        `${request.method} ${target.split("?", 1)[0]} failed: ${error instanceof Error ? error.stack : error}`,
      );
      writeAnswer(response, { status: 500 });
    }
  }

  async function writeStream(
    { method }: IncomingMessage,
    response: ServerResponse,
    { status, headers }: Answer,
    stream: ReadableStream<unknown>,
  ): Promise<void> {
    if (!response.destroyed) response.writeHead(status, { ...headers } as OutgoingHttpHeaders);
    if (!response.destroyed && method !== "HEAD" && !STATUSES_WITHOUT_BODY.includes(status)) {
      return streams.write(response, stream);
    }
    response.end();
    await stream.cancel();
  }

  return {
    onRequest(request, response) {
      const done = handle(request, response).finally(() => inFlight.delete(response));
      inFlight.set(response, done);
    },
    serveApp(routes) {
      internal = routes;
    },
    serve(routes) {
      open = routes;
      phase = "serving";
    },
    async drain(graceMs) {
      phase = "stopping";
      await withinTime(Promise.all(inFlight.values()), graceMs);
      for (const response of inFlight.keys()) writeAnswer(response, unavailable(phase));
    },
  };
}

/** A silent connection is no fault while its function is at work. */
function cutSlowReader(response: ServerResponse): void {
  if (response.writableLength > 0) response.destroy();
}

function badTarget(): Answer {
  return problemAnswer(
    "REQUEST_TARGET_INVALID",
    "Request target invalid",
    "The target of a request begins with a slash.",
  );
}

function crowded(maxConnections: number): Answer {
  const answer = problemAnswer(
    "HOST_OVERLOADED",
    "Host overloaded",
    `${maxConnections} connections of callers are open, as many as this host allows. Try again later.`,
  );
  return { ...answer, headers: { ...answer.headers, "retry-after": "1", connection: "close" } };
}

function unavailable(phase: Phase): Answer {
  const answer = problemAnswer(
    "HOST_UNAVAILABLE",
    "Host unavailable",
    phase === "starting" ? "The host is starting." : "The host stops.",
  );
  return { ...answer, headers: { ...answer.headers, "retry-after": "1", connection: "close" } };
}
