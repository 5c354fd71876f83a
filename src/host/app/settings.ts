import { join } from "node:path";
import { z } from "zod";
import { WorkflowError } from "../../errors.ts";
import type { OverridableStates } from "../hub/task-hub.ts";
import { LOG_LEVELS, type LogLevel } from "../log.ts";
import { readJsonFile } from "./json-file.ts";

const OVERRIDABLE_STATES = ["None", "AnyState", "NonRunningStates"] as const satisfies readonly OverridableStates[];

const KNOWN_STORAGE = ["azurestorage", "azuremanaged", "mssql", "netherite"];
const DEFAULT_BODY_LIMIT_BYTES = 100 * 1024 * 1024;

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

const hostFile = z.object({
  logging: z.object({ logLevel: z.record(z.string(), oneOf(LOG_LEVELS)).optional() }).optional(),
  extensions: z
    .object({
      http: z.object({ routePrefix: z.string().optional() }).optional(),
      mcp: z
        .object({
          serverName: z.string().optional(),
          serverVersion: z.string().optional(),
          instructions: z.string().optional(),
          system: z.object({ webhookAuthorizationLevel: oneOf(["System", "Anonymous"]).optional() }).optional(),
        })
        .optional(),
      durableTask: z
        .object({
          hubName: z.string().min(1).optional(),
          storageProvider: z.object({ type: z.string().optional() }).optional(),
          maxConcurrentActivityFunctions: count,
          maxConcurrentOrchestratorFunctions: count,
          overridableExistingInstanceStates: overridableStates.optional(),
        })
        .optional(),
    })
    .optional(),
});

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const localSettingsFile = z.object({
  IsEncrypted: z.boolean().optional(),
  Values: z.record(z.string(), scalar).optional(),
  Host: z.object({ LocalHttpPort: z.int().min(0).max(65_535).optional(), CORS: z.string().optional() }).optional(),
});

/** What `local.settings.json` says; everything in it is optional, the file too. */
export interface LocalSettings {
  readonly values: Readonly<Record<string, string>>;
  readonly port: number | null;
  readonly warnings: readonly string[];
}

/** What `host.json` and the environment say, with the defaults of the Functions host. */
export interface HostSettings {
  readonly routePrefix: string;
  readonly hubName: string;
  /** null: the hub's own default. */
  readonly maxConcurrentActivities: number | null;
  readonly maxConcurrentOrchestrators: number | null;
  readonly overridableStates: OverridableStates;
  readonly requestBodyLimitBytes: number;
  readonly mcp: McpSettings;
  /** By category, as written in `host.json`: `default`, `Function`, `Function.run` … */
  readonly logLevels: Readonly<Record<string, LogLevel>>;
  readonly warnings: readonly string[];
}

/** `extensions.mcp` of `host.json`. */
export interface McpSettings {
  readonly name: string;
  readonly version: string;
  readonly instructions: string | null;
  /** Whether callers have to show the system key. Unless host.json says so they do not, as function keys are not asked for. */
  readonly asksKey: boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws {WorkflowError} `SETTING_INVALID` */
export function readLocalSettings(appDir: string): LocalSettings {
  const file = join(appDir, "local.settings.json");
  const settings = readJsonFile(file, localSettingsFile, "SETTING_INVALID");
  if (settings?.IsEncrypted) {
    throw new WorkflowError(
      "SETTING_INVALID",
      `${file} is encrypted, and only Azure Functions Core Tools can read it.`,
      'Run "func settings decrypt" in the folder of the app.',
    );
  }
  return {
    values: settings?.Values ?? {},
    port: settings?.Host?.LocalHttpPort ?? null,
    warnings: settings?.Host?.CORS
      ? [`Host.CORS of local.settings.json is ignored: this host answers pages of its own origin only.`]
      : [],
  };
}

/**
 * @param environment - with the values of `local.settings.json` in it: `%NAME%` is looked up there
 * @throws {WorkflowError} `SETTING_INVALID`
 */
export function readHostSettings(appDir: string, environment: Environment): HostSettings {
  const file = readJsonFile(join(appDir, "host.json"), hostFile, "SETTING_INVALID");
  const durableTask = file?.extensions?.durableTask;
  const storage = durableTask?.storageProvider?.type;
  return {
    routePrefix: (file?.extensions?.http?.routePrefix ?? "api").replace(/^\/+|\/+$/g, ""),
    hubName: resolveName(durableTask?.hubName ?? environment.WEBSITE_SITE_NAME ?? "TestHubName", environment),
    maxConcurrentActivities: durableTask?.maxConcurrentActivityFunctions ?? null,
    maxConcurrentOrchestrators: durableTask?.maxConcurrentOrchestratorFunctions ?? null,
    overridableStates: durableTask?.overridableExistingInstanceStates ?? "NonRunningStates",
    requestBodyLimitBytes: bodyLimit(environment),
    mcp: mcpSettings(file?.extensions?.mcp),
    logLevels: file?.logging?.logLevel ?? {},
    warnings:
      storage && !KNOWN_STORAGE.includes(storage.toLowerCase())
        ? [`host.json names the storage provider "${storage}", which is unknown. This host keeps its state in SQLite.`]
        : [],
  };
}

type HostFile = z.infer<typeof hostFile>;

function mcpSettings(mcp: NonNullable<HostFile["extensions"]>["mcp"] = {}): McpSettings {
  return {
    name: mcp.serverName ?? "Azure Functions MCP server",
    version: mcp.serverVersion ?? "1.0.0",
    instructions: mcp.instructions ?? null,
    asksKey: mcp.system?.webhookAuthorizationLevel === "System",
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

/** The threshold for lines of one function: the nearest category named in `host.json` counts. */
export function logThreshold(levels: Readonly<Record<string, LogLevel>>, functionName: string | undefined): LogLevel {
  const categories =
    functionName === undefined ? ["Host"] : [`Function.${functionName}.User`, `Function.${functionName}`, "Function"];
  const named = [...categories, "default"].find((category) => levels[category] !== undefined);
  return (named === undefined ? undefined : levels[named]) ?? "information";
}
