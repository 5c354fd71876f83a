import { join } from "node:path";
import type { LocalSettings } from "./local-settings.ts";

const LOOPBACK = ["127.0.0.1", "localhost"];

/** Puts the values of `local.settings.json` into the environment; what is already there wins. */
export function applyLocalValues(environment: NodeJS.ProcessEnv, settings: LocalSettings): void {
  for (const [name, value] of Object.entries(settings.values)) environment[name] ??= value;
}

export interface HostValues {
  readonly appDir: string;
  readonly dataDir: string;
  readonly port: number;
}

/**
 * Sets what the app finds in its environment under Core Tools. Without `WEBSITE_HOSTNAME` the SDK rewrites every
 * management URL to port 7071; without `NO_PROXY` it sends its calls to this host through the user's proxy.
 * `APP_DATA_DIR` is this host's own: where the app may keep files, beside the host's state.
 */
export function applyHostValues(environment: NodeJS.ProcessEnv, { appDir, dataDir, port }: HostValues): void {
  environment.WEBSITE_HOSTNAME = `localhost:${port}`;
  environment.AzureWebJobsScriptRoot = appDir;
  environment.APP_DATA_DIR ??= join(dataDir, "app");
  environment.AZURE_FUNCTIONS_ENVIRONMENT ??= "Development";
  environment.FUNCTIONS_WORKER_RUNTIME ??= "node";
  const named = [environment.NO_PROXY ?? "", environment.no_proxy ?? ""]
    .flatMap((list) => list.split(","))
    .map((host) => host.trim())
    .filter((host) => host !== "");
  const noProxy = [...new Set([...named, ...LOOPBACK])].join(",");
  environment.NO_PROXY = noProxy;
  environment.no_proxy = noProxy;
}
