import type { IncomingMessage } from "node:http";
import { z } from "zod";
import type { AppFunction } from "../app/functions.ts";
import type { WriteLog } from "../log.ts";
import type { Access } from "./access.ts";
import { type Answer, jsonAnswer, messageAnswer, problemAnswer } from "./answer.ts";
import { readBody } from "./body.ts";
import { parseJson } from "./query.ts";
import { type GuardOptions, isOwnOrigin } from "./request-guard.ts";
import type { Route } from "./route-table.ts";
import type { Routes } from "./router.ts";

export interface AdminOptions {
  readonly hostId: string;
  readonly url: string;
  readonly functions: readonly AppFunction[];
  readonly routes: readonly Route[];
  readonly uptimeMs: () => number;
  readonly access: Access;
  /** Runs a function that nothing fires here; see {@link FIRED_BY_HAND}. */
  readonly fire: (fn: AppFunction, input: string) => Promise<void>;
  readonly write: WriteLog;
  readonly guard: () => GuardOptions;
}

const VERSION = "4.0.0";
const FIRED_BY_HAND: readonly AppFunction["kind"][] = ["timer", "warmup", "other"];
const MOST_INPUT_BYTES = 2 ** 20;
const manualCall = z.object({ input: z.string().nullish() });

/**
 * The home page, and the parts of `/admin` that monitors and tools ask for. They need the master key where the host checks
 * keys, and never answer pages of other origins: CORS is for functions.
 */
export function createAdminRoutes(options: AdminOptions): Routes {
  const { hostId, functions, uptimeMs, access, guard, fire, write } = options;
  const status = () =>
    json({
      id: hostId,
      state: "Running",
      version: VERSION,
      versionDetails: VERSION,
      processUptime: Math.round(uptimeMs()),
    });

  /** As the real host does, it answers before the function has ended; how that went is in the log. */
  async function fireByHand(fn: AppFunction, request: IncomingMessage): Promise<Answer> {
    const bytes = await readBody(request, MOST_INPUT_BYTES);
    const body = manualCall.safeParse(bytes && parseJson(bytes.toString("utf8")));
    if (!body.success) return messageAnswer(400, 'Send { "input": "…" }, at most 1 MiB.');
    void fire(fn, body.data.input ?? "").catch((error: unknown) => {
      write("error", `Function "${fn.name}" failed: ${error instanceof Error ? error.stack : String(error)}`);
    });
    return { status: 202 };
  }

  function admin(request: IncomingMessage, path: string): Promise<Answer> | Answer | null {
    const { method = "GET" } = request;
    if (path === "/admin/host/ping" && ["GET", "POST"].includes(method)) return { status: 200 };
    const name = /^\/admin\/functions\/([^/]+)$/.exec(path)?.[1];
    const fn = functions.find((one) => one.name.toLowerCase() === name);
    if (method === "POST") return fn && FIRED_BY_HAND.includes(fn.kind) ? fireByHand(fn, request) : null;
    if (method !== "GET") return null;
    if (path === "/admin/host/status") return status();
    if (path === "/admin/functions") return json(functions.map((one) => describe(one, options)));
    return fn ? json(describe(fn, options)) : null;
  }

  return (request, path, target) => {
    const { method = "GET", headers } = request;
    const lower = path.toLowerCase().replace(/(.)\/$/, "$1");
    if (lower === "/" && method === "GET") return home(functions.length);
    if (!lower.startsWith("/admin/")) return null;
    if (headers.origin !== undefined && !isOwnOrigin(headers.origin, guard())) return foreignOrigin();
    return access.refusal(request, target, { kind: "admin" }) ?? admin(request, lower);
  };
}

function foreignOrigin(): Answer {
  return problemAnswer("ORIGIN_NOT_ALLOWED", "Origin not allowed", "This host administers for its own origin only.");
}

function home(count: number): Answer {
  return {
    status: 200,
    headers: { "content-type": "text/plain; charset=utf-8" },
    body: `The function app is up and running with ${count} functions.\n`,
  };
}

function describe(fn: AppFunction, { url, routes }: AdminOptions): unknown {
  const route = routes.find((one) => one.fn === fn);
  return {
    name: fn.name,
    href: `${url}/admin/functions/${fn.name}`,
    config: { bindings: Object.entries(fn.metadata.bindings).map(([name, binding]) => ({ ...binding, name })) },
    isDisabled: fn.isDisabled,
    invoke_url_template: route ? `${url}/${route.path}` : null,
    language: "node",
  };
}

function json(value: unknown): Answer {
  return jsonAnswer(200, JSON.stringify(value));
}
