import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { logThreshold } from "../log-thresholds.ts";
import { applyHostValues, applyLocalValues } from "./environment.ts";
import { readLocalSettings } from "./local-settings.ts";
import { readHostSettings } from "./settings.ts";

const folder = mkdtempSync(join(tmpdir(), "settings-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(file: string, content: unknown): void {
  writeFileSync(join(folder, file), typeof content === "string" ? content : JSON.stringify(content));
}

const durableTask = (settings: object) => ({ version: "2.0", extensions: { durableTask: settings } });

beforeEach(() => {
  write("host.json", { version: "2.0" });
  write("local.settings.json", {});
});

describe("host.json", () => {
  it("has the defaults of the Functions host", () => {
    expect(readHostSettings(folder, {})).toEqual({
      routePrefix: "api",
      hubName: "TestHubName",
      maxConcurrentActivities: null,
      maxConcurrentOrchestrators: null,
      maxConcurrentEntities: null,
      maxEntityBatchSize: null,
      maxActions: null,
      overridableStates: "NonRunningStates",
      storesInputs: false,
      httpPollMs: null,
      defaultVersion: null,
      functionTimeoutMs: 1_800_000,
      requestBodyLimitBytes: 104_857_600,
      maxConcurrentRequests: null,
      maxOutstandingRequests: null,
      customHeaders: {},
      mcp: { name: "Azure Functions MCP server", version: "1.0.0", instructions: null, asksKey: null },
      logLevels: {},
      warnings: [],
    });
  });

  it("may hold comments", () => {
    write("host.json", '{ // one "comment"\n /* two */ "extensions": { "http": { "routePrefix": "a//b/" } } }');
    expect(readHostSettings(folder, {}).routePrefix).toBe("a//b");
  });

  it("sets hub name, limits and overridable states", () => {
    write("host.json", {
      ...durableTask({
        hubName: "Hub%REGION%",
        maxConcurrentActivityFunctions: 3,
        maxConcurrentOrchestratorFunctions: 4,
        overridableExistingInstanceStates: "none",
      }),
    });
    expect(readHostSettings(folder, { REGION: "West" })).toMatchObject({
      hubName: "HubWest",
      maxConcurrentActivities: 3,
      maxConcurrentOrchestrators: 4,
      overridableStates: "None",
    });
  });

  it("limits functions and requests; -1 takes a limit away", () => {
    const http = { maxConcurrentRequests: 5, maxOutstandingRequests: -1, customHeaders: { "X-Served-By": "here" } };
    write("host.json", { version: "2.0", functionTimeout: "00:05:00", extensions: { http } });
    expect(readHostSettings(folder, {})).toMatchObject({
      functionTimeoutMs: 300_000,
      maxConcurrentRequests: 5,
      maxOutstandingRequests: null,
      customHeaders: { "X-Served-By": "here" },
      warnings: [],
    });
    write("host.json", { functionTimeout: "-1" });
    expect(readHostSettings(folder, {}).functionTimeoutMs).toBeNull();
    write("host.json", { functionTimeout: "5 minutes" });
    expect(() => readHostSettings(folder, {})).toThrow('functionTimeout: "5 minutes" is neither hh:mm:ss nor -1');
  });

  it("may name what other extensions know; a key that nobody knows is said aloud", () => {
    write("host.json", {
      version: "2.0",
      functionsTimeout: "00:05:00",
      healthMonitor: { enabled: true },
      extensions: {
        queues: { batchSize: 1 },
        http: { RoutePrefix: "api" },
        durableTask: { hubname: "A", maxThings: 1 },
      },
    });
    expect(readHostSettings(folder, {}).warnings).toEqual([
      'host.json has the key "functionsTimeout", which the Functions host does not know: it has no effect.',
      'host.json has the key "extensions.durableTask.maxThings", which the Functions host does not know: it has no effect.',
    ]);
  });

  it("may match versions, which this host does not do: it says so", () => {
    write("host.json", durableTask({ versionMatchStrategy: "Strict" }));
    expect(readHostSettings(folder, {}).warnings).toEqual([
      'host.json sets versionMatchStrategy to "Strict". This host runs orchestrations of every version; on Azure those of another version than its own would wait for an app of theirs, or fail.',
    ]);
    write("host.json", durableTask({ versionMatchStrategy: "none" }));
    expect(readHostSettings(folder, {}).warnings).toEqual([]);
  });

  it("needs the setting that its hub name asks for", () => {
    write("host.json", durableTask({ hubName: "%NOWHERE%" }));
    expect(() => readHostSettings(folder, {})).toThrow('hubName of host.json is "%NOWHERE%", and no setting NOWHERE');
  });

  it("may name any storage; an unknown one is said aloud", () => {
    write("host.json", durableTask({ storageProvider: { type: "azureManaged", connectionStringName: "X" } }));
    expect(readHostSettings(folder, {}).warnings).toEqual([]);
    write("host.json", durableTask({ storageProvider: { type: "floppy" } }));
    expect(readHostSettings(folder, {}).warnings[0]).toContain('the storage provider "floppy", which is unknown');
  });

  it("is refused with the place that is wrong", () => {
    write("host.json", durableTask({ maxConcurrentActivityFunctions: "many" }));
    expect(() => readHostSettings(folder, {})).toThrow("extensions.durableTask.maxConcurrentActivityFunctions");
    write("host.json", "{");
    expect(() => readHostSettings(folder, {})).toThrow("is not JSON");
  });
});

describe("local.settings.json", () => {
  it("gives values to the environment, and what is there wins", () => {
    write("local.settings.json", { Values: { A: "file", B: "file", N: 1 }, Host: { LocalHttpPort: 8080 } });
    const environment: NodeJS.ProcessEnv = { A: "environment" };
    const settings = readLocalSettings(folder);
    applyLocalValues(environment, settings);
    expect(environment).toEqual({ A: "environment", B: "file", N: "1" });
    expect(settings.port).toBe(8080);
  });

  it("may be missing", () => {
    rmSync(join(folder, "local.settings.json"));
    expect(readLocalSettings(folder)).toEqual({ values: {}, port: null, address: null, cors: null, warnings: [] });
  });

  it("names the origins whose pages may read answers", () => {
    write("local.settings.json", {
      Host: { CORS: "https://A.example/, http://localhost:3000", CORSCredentials: true },
    });
    expect(readLocalSettings(folder).cors).toEqual({
      origins: ["https://a.example", "http://localhost:3000"],
      allowsCredentials: true,
    });
    write("local.settings.json", { Host: { CORS: "*" } });
    expect(readLocalSettings(folder).cors).toEqual({ origins: "*", allowsCredentials: false });
    write("local.settings.json", { Host: { CORS: "*", CORSCredentials: true } });
    expect(() => readLocalSettings(folder)).toThrow('allows every origin (Host.CORS is "*") together with credentials');
  });

  it("warns of keys that nobody knows", () => {
    write("local.settings.json", { values: {}, Host: { Cors: "", LocalHttpPorts: 1 }, Hosts: {} });
    expect(readLocalSettings(folder).warnings).toEqual([
      'local.settings.json has the key "Hosts", which has no effect.',
      'local.settings.json has the key "Host.LocalHttpPorts", which has no effect.',
    ]);
  });

  it("is refused when it is encrypted", () => {
    write("local.settings.json", { IsEncrypted: true });
    expect(() => readLocalSettings(folder)).toThrow("only Azure Functions Core Tools can read it");
  });
});

describe("the environment of an app", () => {
  it("names this host, and keeps loopback away from the user's proxy", () => {
    const environment: NodeJS.ProcessEnv = { NO_PROXY: "a.example, localhost", WEBSITE_HOSTNAME: "old" };
    applyHostValues(environment, { appDir: "/app", dataDir: "/state", port: 7071 });
    expect(environment).toEqual({
      WEBSITE_HOSTNAME: "localhost:7071",
      AzureWebJobsScriptRoot: "/app",
      APP_DATA_DIR: "/state/app",
      AZURE_FUNCTIONS_ENVIRONMENT: "Development",
      FUNCTIONS_WORKER_RUNTIME: "node",
      NO_PROXY: "a.example,localhost,127.0.0.1",
      no_proxy: "a.example,localhost,127.0.0.1",
    });
  });
});

describe("the folder for an app's own files", () => {
  it("is the one the user has set, if any", () => {
    const environment: NodeJS.ProcessEnv = { APP_DATA_DIR: "/share" };
    applyHostValues(environment, { appDir: "/app", dataDir: "/state", port: 7071 });
    expect(environment.APP_DATA_DIR).toBe("/share");
  });
});

describe("the log level of a function", () => {
  it("is the one of its nearest category", () => {
    const levels = { default: "warning", Function: "error", "Function.run": "debug" } as const;
    expect(logThreshold(levels, "run")).toBe("debug");
    expect(logThreshold(levels, "other")).toBe("error");
    expect(logThreshold(levels, undefined)).toBe("warning");
    expect(logThreshold({}, "run")).toBe("information");
  });
});
