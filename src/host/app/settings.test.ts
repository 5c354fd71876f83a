import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { applyHostValues, applyLocalValues } from "./environment.ts";
import { logThreshold, readHostSettings, readLocalSettings } from "./settings.ts";

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
      overridableStates: "NonRunningStates",
      requestBodyLimitBytes: 104_857_600,
      mcp: { name: "Azure Functions MCP server", version: "1.0.0", instructions: null, asksKey: false },
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
    expect(readLocalSettings(folder)).toEqual({ values: {}, port: null, warnings: [] });
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
