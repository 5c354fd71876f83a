import { randomBytes } from "node:crypto";
import { clientBindingJson, type DurableUrls } from "./app/client-binding.ts";
import { applyHostValues, applyLocalValues } from "./app/environment.ts";
import { type FunctionApp, startFunctionApp } from "./app/function-app.ts";
import { warningsFor } from "./app/functions.ts";
import { readLocalSettings } from "./app/local-settings.ts";
import { type HostSettings, readHostSettings } from "./app/settings.ts";
import { type Doors, doorsOf } from "./doors.ts";
import { type FunctionListing, listFunctions } from "./function-listing.ts";
import { noteAddress } from "./host-address.ts";
import { loadHostKeys } from "./host-keys.ts";
import { createHostRoutes } from "./host-routes.ts";
import { createAccess } from "./http/access.ts";
import { Connections } from "./http/connections.ts";
import { createDurableApi } from "./http/durable-api.ts";
import { createRpcRoutes, WEBHOOK_PATH } from "./http/durable-routes.ts";
import { type Listener, listen } from "./http/listener.ts";
import { buildRoutes, type Route } from "./http/route-table.ts";
import { createRouter, type Router } from "./http/router.ts";
import { openShortcut } from "./http/shortcut.ts";
import { StreamWriter } from "./http/stream-writer.ts";
import { systemEnvironment } from "./hub/environment.ts";
import type { TaskHub } from "./hub/task-hub.ts";
import type { WriteLog } from "./log.ts";
import { withThresholds } from "./log-thresholds.ts";
import { modeWarnings } from "./modes.ts";
import { type OpenHub, openSqliteHub } from "./open-hub.ts";
import { storeFile } from "./store-file.ts";
import { loadSystemKey } from "./system-key.ts";
import { startTimers, type Timers } from "./timers/start-timers.ts";
import { withinTime } from "./within-time.ts";

/** Of the time that a stop takes at most: so much is for requests in flight, and what is left of all of it for hooks. */
const DRAIN_GRACE_MS = 3_000;
const STOP_GRACE_MS = 4_000;

export interface LocalHostOptions {
  /** Absolute path of the folder with host.json and package.json. */
  readonly appDir: string;
  /** Absolute path of the folder for the state; made when missing. */
  readonly dataDir: string;
  /** 0 takes a free one. Without it: what local.settings.json says, else 7071. */
  readonly port?: number | null;
  /** Besides loopback; it needs keys. Without it: what local.settings.json says, else loopback alone. */
  readonly address?: string | null;
  /** Names besides those of loopback to which requests may be addressed. */
  readonly allowedHosts?: readonly string[];
  /** Asks callers for keys, and takes this one for everything. Without it: DURABLE_HOST_TOKEN of the environment. */
  readonly token?: string | null;
  /** Asks callers for keys also without a token; `keys.json` of the data folder holds them. */
  readonly checksKeys?: boolean;
  /** Where log lines go; nowhere without it. */
  readonly write?: WriteLog;
}

export interface LocalHost {
  readonly url: string;
  readonly port: number;
  /** Whether callers are asked for keys; `keys.json` of the data folder holds them. */
  readonly checksKeys: boolean;
  /** By name, without case. */
  readonly functions: readonly FunctionListing[];
  /**
   * Stops the host within 4 s: no function is called any more, new requests get 503, those in flight are answered, what the
   * hub decided is on disk. Activities are not waited for; one that is still in flight then runs again at the next start.
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
  const write = withThresholds(options.write ?? (() => {}), settings.logLevels);
  const opened: Closer[] = [];
  try {
    const doors = doorsOf(options, local, process.env);
    const started = await open(doors, { ...options, write }, settings, openHub, opened);
    const warnings = [
      ...local.warnings,
      ...settings.warnings,
      ...modeWarnings(options.dataDir),
      ...started.app.functions.flatMap(warningsFor),
    ];
    for (const warning of warnings) write("warning", warning);
    return {
      url: `http://localhost:${started.port}`,
      port: started.port,
      checksKeys: doors.checksKeys,
      functions: listFunctions(started.app.functions, started.routes),
      close: closeOnce(started, opened),
    };
  } catch (error) {
    await closeAll(opened, STOP_GRACE_MS).catch((failure) => write("error", `Closing failed too: ${failure}`));
    throw error;
  }
}

type Closer = (graceMs: number) => Promise<unknown>;

interface Started {
  readonly app: FunctionApp;
  readonly hub: TaskHub;
  readonly router: Router;
  readonly routes: readonly Route[];
  readonly timers: Timers;
  readonly port: number;
}

/** Opens part after part; `opened` gets what closes them, the last one first. */
async function open(
  doors: Doors,
  { appDir, dataDir, write }: Pick<Required<LocalHostOptions>, "appDir" | "dataDir" | "write">,
  settings: HostSettings,
  openHub: OpenHub,
  opened: Closer[],
): Promise<Started> {
  let listener: Listener | null = null;
  const guard = () => ({ port: listener?.port ?? 0, allowedHosts: doors.allowedHosts, cors: doors.cors });
  const streams = new StreamWriter(doors.limits);
  const connections = new Connections(doors.limits.maxConnections);
  const router = createRouter({ guard, limits: doors.limits, connections, streams, write });
  // First of all, since the app wants to know the port while it is loaded.
  listener = await listen({ ...doors, connections, onRequest: router.onRequest });
  const { port, close } = listener;
  opened.unshift(close);
  applyHostValues(process.env, { appDir, dataDir, port });
  const parts = await openHub({ dataDir, settings, limits: doors.limits, write });
  opened.unshift(() => parts.hub.close());
  // Only the owner of the store may make the key: two first starts at once would make two.
  const urls = durableUrls(port, settings, loadSystemKey(dataDir));
  const app = await startFunctionApp({
    appDir,
    environment: process.env,
    clientJson: clientBindingJson(urls),
    functionTimeoutMs: settings.functionTimeoutMs,
    write,
  });
  opened.unshift((graceMs) => endApp(app, graceMs, write));
  const routes = buildRoutes(app.functions, settings.routePrefix);
  const names = app.functions.filter(({ kind }) => kind === "http").map(({ name }) => name);
  const access = createAccess({ keys: doors.checksKeys ? loadHostKeys(dataDir, names, doors.token) : null });
  const durable = { api: createDurableApi({ ...parts, urls }), bodyLimitBytes: settings.requestBodyLimitBytes, write };
  const { systemKey, rpcBaseUrl } = urls;
  const { runFile } = parts;
  const host = { systemKey, port, settings, access, guard, streams, write };
  const served = createHostRoutes({ app, routes, durable, runFile, ...host });
  // Before the hub: it runs activities at once, and they may call the client.
  router.serveApp(createRpcRoutes(new URL(rpcBaseUrl).pathname, durable));
  opened.unshift(openShortcut(rpcBaseUrl, durable));
  await parts.hub.open(app.invoker);
  await warmUp(app, write);
  router.serve(served);
  const forget = noteAddress(storeFile(dataDir, settings.hubName), `http://localhost:${port}`);
  opened.unshift(async () => forget());
  const timers = startTimers(app.functions, process.env, {
    clock: systemEnvironment,
    schedules: parts.schedules,
    invoke: (fn, timerJson) => app.invokeTimer(fn, timerJson),
    write,
  });
  return { app, hub: parts.hub, router, routes, timers, port };
}

/** Before the first request, as in Azure. A warm-up that fails leaves the host cold, not down. */
async function warmUp(app: FunctionApp, write: WriteLog): Promise<void> {
  const functions = app.functions.filter(({ kind, isDisabled }) => kind === "warmup" && !isDisabled);
  for (const fn of functions) {
    await app.fire(fn, "{}").catch((error: unknown) => {
      write("error", `Function "${fn.name}" failed: ${error instanceof Error ? error.stack : String(error)}`);
    });
  }
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

function closeOnce({ hub, router, timers }: Started, opened: readonly Closer[]): () => Promise<void> {
  let closing: Promise<void> | null = null;
  const close = async () => {
    const begunAt = performance.now();
    timers.stop();
    hub.beginNoMore();
    await router.drain(DRAIN_GRACE_MS);
    await closeAll(opened, STOP_GRACE_MS - (performance.now() - begunAt));
  };
  return () => {
    closing ??= close();
    return closing;
  };
}

/** A hook that hangs must not keep the store from being closed. */
async function endApp(app: FunctionApp, graceMs: number, write: WriteLog): Promise<void> {
  if (await withinTime(app.terminate(), graceMs)) return;
  write(
    "error",
    `The app's appTerminate hooks were not done after ${Math.round(graceMs)} ms: the host ends without them.`,
  );
}

/** Closes the rest also when one fails; the first failure is thrown on. */
async function closeAll(closers: readonly Closer[], graceMs: number): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers) await close(graceMs).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
