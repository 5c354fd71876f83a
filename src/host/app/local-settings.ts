import { join } from "node:path";
import { z } from "zod";
import { WorkflowError } from "../../errors.ts";
import { readJsonFile } from "./json-file.ts";
import { unknownLocalKeys } from "./known-settings.ts";

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const localSettingsFile = z.looseObject({
  IsEncrypted: z.boolean().optional(),
  Values: z.record(z.string(), scalar).optional(),
  Host: z
    .looseObject({
      LocalHttpPort: z.int().min(0).max(65_535).optional(),
      LocalHttpAddress: z.string().optional(),
      CORS: z.string().optional(),
      CORSCredentials: z.boolean().optional(),
    })
    .optional(),
});

/** Pages of other origins that may read what functions answer. */
export interface CorsSettings {
  /** In lower case, without a slash at the end; `"*"` for any. */
  readonly origins: readonly string[] | "*";
  readonly allowsCredentials: boolean;
}

/** What `local.settings.json` says; everything in it is optional, the file too. */
export interface LocalSettings {
  readonly values: Readonly<Record<string, string>>;
  readonly port: number | null;
  readonly address: string | null;
  readonly cors: CorsSettings | null;
  readonly warnings: readonly string[];
}

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
  const { LocalHttpPort = null, LocalHttpAddress = null, CORS, CORSCredentials } = settings?.Host ?? {};
  return {
    values: settings?.Values ?? {},
    port: LocalHttpPort,
    address: LocalHttpAddress,
    cors: corsOf(file, CORS, CORSCredentials ?? false),
    warnings: unknownLocalKeys(settings).map((key) => `local.settings.json has the key "${key}", which has no effect.`),
  };
}

function corsOf(file: string, list: string | undefined, allowsCredentials: boolean): CorsSettings | null {
  const origins = (list ?? "").split(",").map((origin) => origin.trim().toLowerCase().replace(/\/+$/, ""));
  const named = origins.filter((origin) => origin !== "");
  if (named.length === 0) return null;
  if (!named.includes("*")) return { origins: named, allowsCredentials };
  if (!allowsCredentials) return { origins: "*", allowsCredentials };
  throw new WorkflowError(
    "SETTING_INVALID",
    `${file} allows every origin (Host.CORS is "*") together with credentials.`,
    "Name the origins, or set Host.CORSCredentials to false; Core Tools refuses this too.",
  );
}
