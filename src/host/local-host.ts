import { randomBytes } from "node:crypto";
import { clientBindingJson, type DurableUrls } from "./app/client-binding.ts";
import { applyHostValues, applyLocalValues } from "./app/environment.ts";
import { type FunctionApp, startFunctionApp } from "./app/function-app.ts";
import { warningsFor } from "./app/functions.ts";
import { type HostSettings, logThreshold, readHostSettings, readLocalSettings } from "./app/settings.ts";
import { createAdminRoutes } from "./http/admin-routes.ts";
import { createDurableApi } from "./http/durable-api.ts";
import {
  createRpcRoutes,
  createWebhookRoutes,
  type DurableRoutesOptions,
  WEBHOOK_PATH,
} from "./http/durable-routes.ts";
import { createFunctionRoutes } from "./http/function-routes.ts";
import { type Listener, listen } from "./http/listener.ts";
import { createMcpRoutes } from "./http/mcp/mcp-routes.ts";
import { McpServer } from "./http/mcp/mcp-server.ts";
import { describeTools, type Tool } from "./http/mcp/tools.ts";
import { buildRoutes, type Route } from "./http/route-table.ts";
import { createRouter, type Router, type Routes } from "./http/router.ts";
import type { TaskHub } from "./hub/task-hub.ts";
import { isAtLeast, type WriteLog } from "./log.ts";
import { type HubParts, type OpenHub, openSqliteHub } from "./open-hub.ts";
import { loadSystemKey } from "./system-key.ts";

const DEFAULT_PORT = 7071;
const DRAIN_GRACE_MS = 3_000;

export interface LocalHostOptions {
  /** Absolute path of the folder with host.json and package.json. */
  readonly appDir: string;
  /** Absolute path of the folder for the state; made when missing. */
  readonly dataDir: string;
  /** 0 takes a free one. Without it: what local.settings.json says, else 7071. */
  readonly port?: number;
  /** Where log lines go; nowhere without it. */
  readonly write?: WriteLog;
}

/** How one function of the app is reached. */
interface FunctionListing {
  readonly name: string;
  readonly triggerType: string;
  /** Upper case; empty means any. */
  readonly methods: readonly string[];
  /** Route with its prefix, without a slash at the start; null for a function without HTTP. */
  readonly path: string | null;
  readonly isDisabled: boolean;
}

export interface LocalHost {
  readonly url: string;
  readonly port: number;
  /** By name, without case. */
  readonly functions: readonly FunctionListing[];
  /**
   * Stops the host within 4 s: new requests get 503, those in flight are answered, what the hub decided is on disk.
   * Activities in flight are not waited for; they run again at the next start.
   */
  close(): Promise<void>;
}

/**
 * Runs a function app in this process, with its state in one SQLite file of the data folder. It changes `process.env` as
 * Core Tools would. A process runs one app only, since `@azure/functions` keeps its registrations for life; the same app
 * may be started again after `close()`.
 *
 * @throws {WorkflowError} `PORT_IN_USE`, `STORE_IN_USE`, `STORE_UNREADABLE`, `APP_LOAD_FAILED`, `ROUTE_CONFLICT`,
 *   `SETTING_INVALID`
 */
export function startLocalHost(options: LocalHostOptions): Promise<LocalHost> {
  return startHost(options, openSqliteHub);
}

/** {@link startLocalHost} over another task hub. */
export async function startHost(options: LocalHostOptions, openHub: OpenHub): Promise<LocalHost> {
  const local = readLocalSettings(options.appDir);
  applyLocalValues(process.env, local);
  const settings = readHostSettings(options.appDir, process.env);
  const write = withThresholds(options.write ?? (() => {}), settings);
  const opened: Closer[] = [];
  try {
    const started = await open(
      { ...options, port: options.port ?? local.port ?? DEFAULT_PORT, write },
      settings,
      openHub,
      opened,
    );
    const warnings = [...local.warnings, ...settings.warnings, ...started.app.functions.flatMap(warningsFor)];
    for (const warning of warnings) write("warning", warning);
    return {
      url: `http://localhost:${started.port}`,
      port: started.port,
      functions: listFunctions(started.app, started.routes),
      close: closeOnce(started, opened),
    };
  } catch (error) {
    await closeAll(opened).catch((failure) => write("error", `Closing failed too: ${failure}`));
    throw error;
  }
}

type Closer = () => Promise<unknown>;

interface Started {
  readonly app: FunctionApp;
  readonly hub: TaskHub;
  readonly router: Router;
  readonly routes: readonly Route[];
  readonly tools: readonly Tool[];
  readonly port: number;
}

/** Opens part after part; `opened` gets what closes them, the last one first. */
async function open(
  { appDir, dataDir, port: wanted, write }: Required<LocalHostOptions>,
  settings: HostSettings,
  openHub: OpenHub,
  opened: Closer[],
): Promise<Started> {
  let listener: Listener | null = null;
  const router = createRouter(() => listener?.port ?? 0, write);
  // First of all, since the app wants to know the port while it is loaded.
  listener = await listen(wanted, router.onRequest);
  const { port, close } = listener;
  opened.unshift(close);
  applyHostValues(process.env, { appDir, dataDir, port });
  const parts = await openHub({ dataDir, settings, write });
  opened.unshift(() => parts.hub.close());
  // Only the owner of the store may make the key: two first starts at once would make two.
  const urls = durableUrls(port, settings, loadSystemKey(dataDir));
  const app = await startFunctionApp({ appDir, environment: process.env, clientJson: clientBindingJson(urls), write });
  opened.unshift(() => app.terminate());
  const routes = buildRoutes(app.functions, settings.routePrefix);
  const started = { app, hub: parts.hub, router, routes, tools: describeTools(app.functions), port };
  await serve(started, parts, urls, settings, write);
  return started;
}

/** Opens the doors in the order in which they are needed: the hub runs activities at once, and they may call the client. */
async function serve(
  { app, router, routes, tools, port }: Started,
  parts: HubParts,
  urls: DurableUrls,
  settings: HostSettings,
  write: WriteLog,
): Promise<void> {
  const startedAt = performance.now();
  const { requestBodyLimitBytes: bodyLimitBytes, hubName } = settings;
  const durable: DurableRoutesOptions = { api: createDurableApi({ ...parts, urls }), bodyLimitBytes, write };
  router.serveApp(createRpcRoutes(new URL(urls.rpcBaseUrl).pathname, durable));
  await parts.hub.open(app.invoker);
  router.serve([
    createFunctionRoutes({ app, routes, bodyLimitBytes, write }),
    createWebhookRoutes(urls.systemKey, durable),
    mcpRoutes(app, tools, urls.systemKey, settings, write),
    createAdminRoutes({
      hostId: hubName.toLowerCase(),
      url: `http://localhost:${port}`,
      functions: app.functions,
      routes,
      uptimeMs: () => performance.now() - startedAt,
    }),
  ]);
}

/** An app without tools has no MCP server. */
function mcpRoutes(
  app: FunctionApp,
  tools: readonly Tool[],
  systemKey: string,
  { mcp, requestBodyLimitBytes: bodyLimitBytes }: HostSettings,
  write: WriteLog,
): Routes {
  if (tools.length === 0) return () => null;
  const server = new McpServer({ tools, info: mcp, invoke: (fn, trigger) => app.invokeTool(fn, trigger), write });
  return createMcpRoutes({ server, systemKey: mcp.asksKey ? systemKey : null, bodyLimitBytes });
}

function durableUrls(port: number, { hubName }: HostSettings, systemKey: string): DurableUrls {
  return {
    hubName,
    systemKey,
    webhookUrl: `http://localhost:${port}${WEBHOOK_PATH}`,
    // Any process of this machine reaches the port, so the path is what it has to know.
    rpcBaseUrl: `http://127.0.0.1:${port}/${randomBytes(24).toString("base64url")}/durabletask/`,
  };
}

function withThresholds(write: WriteLog, { logLevels }: HostSettings): WriteLog {
  const thresholds = new Map<string | undefined, ReturnType<typeof logThreshold>>();
  return (level, message, functionName) => {
    const threshold = thresholds.get(functionName) ?? logThreshold(logLevels, functionName);
    thresholds.set(functionName, threshold);
    if (isAtLeast(level, threshold)) write(level, message, functionName);
  };
}

function listFunctions(app: FunctionApp, routes: readonly Route[]): FunctionListing[] {
  return app.functions.map((fn) => {
    const route = routes.find((one) => one.fn === fn);
    return {
      name: fn.name,
      triggerType: fn.trigger.type,
      methods: route?.methods ?? [],
      path: route?.path ?? null,
      isDisabled: fn.isDisabled,
    };
  });
}

function closeOnce({ hub, router }: Started, opened: readonly Closer[]): () => Promise<void> {
  let closing: Promise<void> | null = null;
  const close = async () => {
    hub.stopWaiting();
    await router.drain(DRAIN_GRACE_MS);
    await closeAll(opened);
  };
  return () => {
    closing ??= close();
    return closing;
  };
}

/** Closes the rest also when one fails; the first failure is thrown on. */
async function closeAll(closers: readonly Closer[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers) await close().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
