import { join } from "node:path";
import { z } from "zod";
import { WorkflowError } from "../../errors.ts";
import type { OverridableStates } from "../hub/task-hub.ts";
import { LOG_LEVELS } from "../log.ts";
import type { LogLevels } from "../log-thresholds.ts";
import { parseDuration } from "./duration.ts";
import { readJsonFile } from "./json-file.ts";
import { unknownHostKeys } from "./known-settings.ts";

const OVERRIDABLE_STATES = ["None", "AnyState", "NonRunningStates"] as const satisfies readonly OverridableStates[];

const KNOWN_STORAGE = ["azurestorage", "azuremanaged", "mssql", "netherite"];
const DEFAULT_BODY_LIMIT_BYTES = 100 * 1024 * 1024;
/** Of a plan that is always on; a local host is one. */
const DEFAULT_FUNCTION_TIMEOUT_MS = 30 * 60_000;

/** Enumerations are read without case, as .NET reads them. */
function oneOf<const Name extends string>(names: readonly Name[]) {
  return z.string().transform((text, context) => {
    const name = names.find((one) => one.toLowerCase() === text.toLowerCase());
    if (name !== undefined) return name;
    context.addIssue({ code: "custom", message: `"${text}" is none of ${names.join(", ")}` });
    return z.NEVER;
  });
}

const overridableStates = oneOf(OVERRIDABLE_STATES);
const count = z.int().positive().optional();

/** A limit that -1 takes away. */
const limit = z
  .int()
  .min(-1)
  .transform((value) => (value === -1 ? null : value))
  .optional();
const functionTimeout = z.string().transform((text, context) => {
  if (text.trim() === "-1") return null;
  const timeMs = parseDuration(text);
  if (timeMs !== null && timeMs > 0) return timeMs;
  context.addIssue({ code: "custom", message: `"${text}" is neither hh:mm:ss nor -1` });
  return z.NEVER;
});

const hostFile = z.looseObject({
  functionTimeout: functionTimeout.optional(),
  logging: z.looseObject({ logLevel: z.record(z.string(), oneOf(LOG_LEVELS)).optional() }).optional(),
  extensions: z
    .looseObject({
      http: z
        .looseObject({
          routePrefix: z.string().optional(),
          maxConcurrentRequests: limit,
          maxOutstandingRequests: limit,
          customHeaders: z.record(z.string(), z.string()).optional(),
        })
        .optional(),
      mcp: z
        .looseObject({
          serverName: z.string().optional(),
          serverVersion: z.string().optional(),
          instructions: z.string().optional(),
          system: z.looseObject({ webhookAuthorizationLevel: oneOf(["System", "Anonymous"]).optional() }).optional(),
        })
        .optional(),
      durableTask: z
        .looseObject({
          hubName: z.string().min(1).optional(),
          storageProvider: z.looseObject({ type: z.string().optional() }).optional(),
          maxConcurrentActivityFunctions: count,
          maxConcurrentOrchestratorFunctions: count,
          maxConcurrentEntityFunctions: count,
          maxEntityOperationBatchSize: count,
          maxOrchestrationActions: count,
          overridableExistingInstanceStates: overridableStates.optional(),
          storeInputsInOrchestrationHistory: z.boolean().optional(),
          httpSettings: z.looseObject({ defaultAsyncRequestSleepTimeMilliseconds: count }).optional(),
          defaultVersion: z.string().optional(),
          versionMatchStrategy: z.string().optional(),
        })
        .optional(),
    })
    .optional(),
});

/** What `host.json` and the environment say, with the defaults of the Functions host. */
export interface HostSettings {
  readonly routePrefix: string;
  readonly hubName: string;
  /** null: the hub's own default. */
  readonly maxConcurrentActivities: number | null;
  readonly maxConcurrentOrchestrators: number | null;
  readonly maxConcurrentEntities: number | null;
  readonly maxEntityBatchSize: number | null;
  readonly maxActions: number | null;
  readonly overridableStates: OverridableStates;
  /** Keeps the input of activities and sub-orchestrations in the history. */
  readonly storesInputs: boolean;
  /** How long `callHttp` waits between polls when the answer does not say. */
  readonly httpPollMs: number | null;
  /** The version of an orchestration that is started without one. */
  readonly defaultVersion: string | null;
  /** After this time a call of a function has failed; null for no limit. */
  readonly functionTimeoutMs: number | null;
  readonly requestBodyLimitBytes: number;
  /** How many HTTP functions run at once, and how many requests may wait or run; null for no limit. */
  readonly maxConcurrentRequests: number | null;
  readonly maxOutstandingRequests: number | null;
  /** Headers that every answer of a function gets. */
  readonly customHeaders: Readonly<Record<string, string>>;
  readonly mcp: McpSettings;
  readonly logLevels: LogLevels;
  readonly warnings: readonly string[];
}

/** `extensions.mcp` of `host.json`. */
export interface McpSettings {
  readonly name: string;
  readonly version: string;
  readonly instructions: string | null;
  /** Whether callers have to show the system key; null where host.json does not say: then when the host asks for keys at all. */
  readonly asksKey: boolean | null;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @param environment - with the values of `local.settings.json` in it: `%NAME%` is looked up there
 * @throws {WorkflowError} `SETTING_INVALID`
 */
export function readHostSettings(appDir: string, environment: Environment): HostSettings {
  const file = readJsonFile(join(appDir, "host.json"), hostFile, "SETTING_INVALID");
  const { http, durableTask } = file?.extensions ?? {};
  return {
    routePrefix: (http?.routePrefix ?? "api").replace(/^\/+|\/+$/g, ""),
    hubName: resolveName(durableTask?.hubName ?? environment.WEBSITE_SITE_NAME ?? "TestHubName", environment),
    maxConcurrentActivities: durableTask?.maxConcurrentActivityFunctions ?? null,
    maxConcurrentOrchestrators: durableTask?.maxConcurrentOrchestratorFunctions ?? null,
    maxConcurrentEntities: durableTask?.maxConcurrentEntityFunctions ?? null,
    maxEntityBatchSize: durableTask?.maxEntityOperationBatchSize ?? null,
    maxActions: durableTask?.maxOrchestrationActions ?? null,
    overridableStates: durableTask?.overridableExistingInstanceStates ?? "NonRunningStates",
    storesInputs: durableTask?.storeInputsInOrchestrationHistory ?? false,
    httpPollMs: durableTask?.httpSettings?.defaultAsyncRequestSleepTimeMilliseconds ?? null,
    defaultVersion: durableTask?.defaultVersion ?? null,
    functionTimeoutMs: file?.functionTimeout === undefined ? DEFAULT_FUNCTION_TIMEOUT_MS : file.functionTimeout,
    requestBodyLimitBytes: bodyLimit(environment),
    maxConcurrentRequests: http?.maxConcurrentRequests ?? null,
    maxOutstandingRequests: http?.maxOutstandingRequests ?? null,
    customHeaders: http?.customHeaders ?? {},
    mcp: mcpSettings(file?.extensions?.mcp),
    logLevels: file?.logging?.logLevel ?? {},
    warnings: [
      ...storageWarnings(durableTask?.storageProvider?.type),
      ...versionWarnings(durableTask?.versionMatchStrategy),
      ...unknownKeyWarnings(file),
    ],
  };
}

function storageWarnings(type: string | undefined): string[] {
  if (type === undefined || KNOWN_STORAGE.includes(type.toLowerCase())) return [];
  return [`host.json names the storage provider "${type}", which is unknown. This host keeps its state in SQLite.`];
}

function versionWarnings(strategy: string | undefined): string[] {
  if (strategy === undefined || strategy.toLowerCase() === "none") return [];
  const text = `host.json sets versionMatchStrategy to "${strategy}". This host runs orchestrations of every version;`;
  return [`${text} on Azure those of another version than its own would wait for an app of theirs, or fail.`];
}

function unknownKeyWarnings(file: unknown): string[] {
  return unknownHostKeys(file).map(
    (key) => `host.json has the key "${key}", which the Functions host does not know: it has no effect.`,
  );
}

type HostFile = z.infer<typeof hostFile>;

function mcpSettings(mcp: NonNullable<HostFile["extensions"]>["mcp"] = {}): McpSettings {
  const level = mcp.system?.webhookAuthorizationLevel;
  return {
    name: mcp.serverName ?? "Azure Functions MCP server",
    version: mcp.serverVersion ?? "1.0.0",
    instructions: mcp.instructions ?? null,
    asksKey: level === undefined ? null : level === "System",
  };
}

function resolveName(name: string, environment: Environment): string {
  return name.replace(/%([^%]+)%/g, (_, variable: string) => {
    const value = environment[variable];
    if (value) return value;
    throw new WorkflowError(
      "SETTING_INVALID",
      `hubName of host.json is "${name}", and no setting ${variable} exists.`,
      `Set ${variable} in local.settings.json or in the environment.`,
    );
  });
}

function bodyLimit(environment: Environment): number {
  const text = environment.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT;
  if (!text) return DEFAULT_BODY_LIMIT_BYTES;
  const bytes = Number(text);
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new WorkflowError(
    "SETTING_INVALID",
    `FUNCTIONS_REQUEST_BODY_SIZE_LIMIT is "${text}".`,
    "Set it to a whole number of bytes.",
  );
}
