import { z } from "zod";
import type { ModelSettings } from "../agents/models/index.ts";
import { WorkflowError } from "../errors.ts";

/**
 * The settings of the workflows this app serves, and the only file here that reads the environment. `src/config.ts` has those of the
 * library, which serves workflows of others that need none of these.
 */

type Environment = Readonly<Record<string, string | undefined>>;

/** Azure has no way to take a setting away from one slot, so an empty one counts as none. */
const text = z
  .string()
  .trim()
  .optional()
  .transform((value) => value || undefined);

const settings = z.object({
  OPENAI_API_KEY: text,
  OPENAI_MODEL: text,
  OPENAI_BASE_URL: text.pipe(z.url().optional()),
  AZURE_OPENAI_API_KEY: text,
  AZURE_OPENAI_ENDPOINT: text.pipe(z.url().optional()),
  AZURE_OPENAI_DEPLOYMENT: text,
  AZURE_OPENAI_API_VERSION: text,
});

const DATED = /^\d{4}-\d{2}-\d{2}(-preview)?$/;

const DEFAULT_MODEL = "gpt-5-mini";

/** The folder that the setting `APP_DATA_DIR` names; undefined where it names none. */
export function readDataDir(environment: Environment = process.env): string | undefined {
  return text.parse(environment.APP_DATA_DIR);
}

/**
 * The model that the settings of the app name: Azure OpenAI where `AZURE_OPENAI_ENDPOINT` is set, else OpenAI where `OPENAI_API_KEY`
 * is; undefined where neither is.
 *
 * @throws {WorkflowError} `SETTING_INVALID` for an address that is none, for Azure without key or deployment, or with a version
 *   that is no date
 */
export function readModelSettings(environment: Environment = process.env): ModelSettings | undefined {
  const parsed = settings.safeParse(environment);
  if (!parsed.success) throw invalid(`${parsed.error.issues[0]?.path.join(".")} is no URL`, "Begin it with https://.");
  const azure = azureSettings(parsed.data);
  if (azure) return azure;
  const { OPENAI_API_KEY: apiKey, OPENAI_MODEL: model = DEFAULT_MODEL, OPENAI_BASE_URL: baseUrl } = parsed.data;
  return apiKey === undefined ? undefined : { provider: "openai", apiKey, model, ...(baseUrl && { baseUrl }) };
}

function azureSettings({
  AZURE_OPENAI_ENDPOINT: endpoint,
  AZURE_OPENAI_API_KEY: apiKey,
  AZURE_OPENAI_DEPLOYMENT: deployment,
  AZURE_OPENAI_API_VERSION: apiVersion,
}: z.output<typeof settings>): ModelSettings | undefined {
  if (endpoint === undefined) return undefined;
  if (apiVersion !== undefined && !DATED.test(apiVersion)) {
    const whatIsWrong = `AZURE_OPENAI_API_VERSION is ${JSON.stringify(apiVersion)}`;
    throw invalid(whatIsWrong, "Set it to a dated version, 2024-10-21, or leave it out for the v1 API.");
  }
  if (apiKey !== undefined && deployment !== undefined) {
    return { provider: "azure", endpoint, apiKey, deployment, ...(apiVersion && { apiVersion }) };
  }
  const missing = apiKey === undefined ? "AZURE_OPENAI_API_KEY" : "AZURE_OPENAI_DEPLOYMENT";
  throw invalid(`AZURE_OPENAI_ENDPOINT is set, but ${missing} is not`, "Set both, or neither.");
}

function invalid(whatIsWrong: string, whatToDo: string): WorkflowError {
  return new WorkflowError("SETTING_INVALID", `The setting ${whatIsWrong}.`, whatToDo);
}
