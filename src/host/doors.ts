import { hostname, networkInterfaces } from "node:os";
import { WorkflowError } from "../errors.ts";
import type { CorsSettings, LocalSettings } from "./app/local-settings.ts";
import { type HttpLimits, readLimits } from "./http/limits.ts";
import { isLoopbackAddress } from "./http/loopback.ts";

const DEFAULT_PORT = 7071;
const ALL_ADDRESSES = ["0.0.0.0", "::"];

/** Where this host listens, and what it asks of those who come. */
export interface Doors {
  /** 0 for a free one. */
  readonly port: number;
  /** Null for loopback alone. */
  readonly address: string | null;
  /** In lower case, besides the names of loopback. */
  readonly allowedHosts: readonly string[];
  readonly checksKeys: boolean;
  readonly token: string | null;
  readonly cors: CorsSettings | null;
  readonly limits: HttpLimits;
}

interface Wanted {
  readonly port?: number | null;
  readonly address?: string | null;
  readonly allowedHosts?: readonly string[];
  readonly token?: string | null;
  readonly checksKeys?: boolean;
}

/**
 * Options win over `local.settings.json`.
 *
 * @throws {WorkflowError} `SETTING_INVALID` when other machines could come in without a key
 */
export function doorsOf(wanted: Wanted, local: LocalSettings, environment: NodeJS.ProcessEnv): Doors {
  const address = wanted.address ?? local.address;
  const token = wanted.token ?? (environment.DURABLE_HOST_TOKEN || null);
  const checksKeys = token !== null || (wanted.checksKeys ?? false);
  const isOpen = address !== null && !isLoopbackAddress(address);
  if (isOpen && !checksKeys) {
    throw new WorkflowError(
      "SETTING_INVALID",
      `Other machines reach the address ${address}, and this host would ask nobody for a key.`,
      "Set DURABLE_HOST_TOKEN in the environment, or start with --enable-auth; or leave the address out.",
    );
  }
  const own = isOpen ? namesOf(address) : [];
  return {
    port: wanted.port ?? local.port ?? DEFAULT_PORT,
    address,
    allowedHosts: [...own, ...(wanted.allowedHosts ?? [])].map((name) => name.toLowerCase()),
    checksKeys,
    token,
    cors: local.cors,
    limits: readLimits(environment),
  };
}

/** By what other machines can call this one. */
function namesOf(address: string): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const own = ALL_ADDRESSES.includes(address) ? all.filter(({ internal }) => !internal).map((one) => one.address) : [];
  return [hostname(), ...(own.length > 0 ? own : [address])].map((name) => (name.includes(":") ? `[${name}]` : name));
}
