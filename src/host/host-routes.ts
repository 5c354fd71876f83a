import type { FunctionApp } from "./app/function-app.ts";
import type { HostSettings } from "./app/settings.ts";
import type { Access } from "./http/access.ts";
import { createAdminRoutes } from "./http/admin-routes.ts";
import { createWebhookRoutes, type DurableRoutesOptions } from "./http/durable-routes.ts";
import { createExportRoutes } from "./http/export-routes.ts";
import { createFunctionRoutes } from "./http/function-routes.ts";
import { createMcpRoutes } from "./http/mcp/mcp-routes.ts";
import { McpServer } from "./http/mcp/mcp-server.ts";
import { describeTools } from "./http/mcp/tools.ts";
import type { GuardOptions } from "./http/request-guard.ts";
import type { Route } from "./http/route-table.ts";
import type { Routes } from "./http/router.ts";
import type { StreamWriter } from "./http/stream-writer.ts";
import type { WriteLog } from "./log.ts";
import type { HubParts } from "./open-hub.ts";

export interface HostRoutesOptions {
  readonly app: FunctionApp;
  /** Those of the app's functions. */
  readonly routes: readonly Route[];
  readonly durable: DurableRoutesOptions;
  readonly runFile: HubParts["runFile"];
  readonly systemKey: string;
  readonly port: number;
  readonly settings: HostSettings;
  readonly access: Access;
  readonly guard: () => GuardOptions;
  readonly streams: StreamWriter;
  readonly write: WriteLog;
}

/** All that this host answers to callers: functions, the APIs of the extensions, `/admin`. */
export function createHostRoutes(options: HostRoutesOptions): readonly Routes[] {
  const { app, routes, durable, runFile, systemKey, port, settings, access, guard, streams, write } = options;
  const { requestBodyLimitBytes: bodyLimitBytes, customHeaders, hubName } = settings;
  const gate = { maxConcurrent: settings.maxConcurrentRequests, maxOutstanding: settings.maxOutstandingRequests };
  const startedAt = performance.now();
  return [
    createFunctionRoutes({ app, routes, access, gate, bodyLimitBytes, customHeaders, streams, write }),
    createWebhookRoutes(systemKey, access, durable),
    mcpRoutes(options),
    createExportRoutes({ systemKey, access, runFile }),
    createAdminRoutes({
      hostId: hubName.toLowerCase(),
      url: `http://localhost:${port}`,
      functions: app.functions,
      routes,
      uptimeMs: () => performance.now() - startedAt,
      access,
      guard,
      fire: (fn, input) => app.fire(fn, input),
      write,
    }),
  ];
}

/** An app without tools has no MCP server. */
function mcpRoutes({ app, systemKey, settings, access, write }: HostRoutesOptions): Routes {
  const tools = describeTools(app.functions);
  if (tools.length === 0) return () => null;
  const { mcp, requestBodyLimitBytes: bodyLimitBytes } = settings;
  const server = new McpServer({ tools, info: mcp, invoke: (fn, trigger) => app.invokeTool(fn, trigger), write });
  const asksKey = mcp.asksKey ?? access.checksKeys;
  return createMcpRoutes({ server, access, systemKey: asksKey ? systemKey : null, bodyLimitBytes });
}
