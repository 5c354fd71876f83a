import type { AppFunction } from "../app/functions.ts";
import type { Access } from "./access.ts";
import { type Answer, jsonAnswer, problemAnswer } from "./answer.ts";
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
  readonly guard: () => GuardOptions;
}

const VERSION = "4.0.0";

/**
 * The home page, and the parts of `/admin` that monitors and tools ask for. They need the master key where the host checks
 * keys, and never answer pages of other origins: CORS is for functions.
 */
export function createAdminRoutes(options: AdminOptions): Routes {
  const { hostId, functions, uptimeMs, access, guard } = options;
  const status = () =>
    json({
      id: hostId,
      state: "Running",
      version: VERSION,
      versionDetails: VERSION,
      processUptime: Math.round(uptimeMs()),
    });

  function admin(method: string, path: string): Answer | null {
    if (path === "/admin/host/ping" && ["GET", "POST"].includes(method)) return { status: 200 };
    if (method !== "GET") return null;
    if (path === "/admin/host/status") return status();
    if (path === "/admin/functions") return json(functions.map((fn) => describe(fn, options)));
    const name = /^\/admin\/functions\/([^/]+)$/.exec(path)?.[1];
    const fn = functions.find((one) => one.name.toLowerCase() === name);
    return fn ? json(describe(fn, options)) : null;
  }

  return (request, path, target) => {
    const { method = "GET", headers } = request;
    const lower = path.toLowerCase().replace(/(.)\/$/, "$1");
    if (lower === "/" && method === "GET") return home(functions.length);
    if (!lower.startsWith("/admin/")) return null;
    if (headers.origin !== undefined && !isOwnOrigin(headers.origin, guard())) return foreignOrigin();
    return access.refusal(request, target, { kind: "admin" }) ?? admin(method, lower);
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
