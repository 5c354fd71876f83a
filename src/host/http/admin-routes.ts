import type { AppFunction } from "../app/functions.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import type { Route } from "./route-table.ts";
import type { Routes } from "./router.ts";

export interface AdminOptions {
  readonly hostId: string;
  readonly url: string;
  readonly functions: readonly AppFunction[];
  readonly routes: readonly Route[];
  readonly uptimeMs: () => number;
}

const VERSION = "4.0.0";

/** The home page, and the parts of `/admin` that monitors and tools ask for. Open, as under Core Tools. */
export function createAdminRoutes(options: AdminOptions): Routes {
  const { hostId, functions, uptimeMs } = options;
  const status = () =>
    json({
      id: hostId,
      state: "Running",
      version: VERSION,
      versionDetails: VERSION,
      processUptime: Math.round(uptimeMs()),
    });

  return ({ method = "GET" }, path) => {
    const lower = path.toLowerCase().replace(/(.)\/$/, "$1");
    if (lower === "/admin/host/ping" && ["GET", "POST"].includes(method)) return { status: 200 };
    if (method !== "GET") return null;
    if (lower === "/") return home(functions.length);
    if (lower === "/admin/host/status") return status();
    if (lower === "/admin/functions") return json(functions.map((fn) => describe(fn, options)));
    const name = /^\/admin\/functions\/([^/]+)$/.exec(lower)?.[1];
    const fn = functions.find((one) => one.name.toLowerCase() === name);
    return fn ? json(describe(fn, options)) : null;
  };
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
