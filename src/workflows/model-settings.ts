import { z } from "zod";
import type { ModelSettings } from "../agents/models/index.ts";
import { WorkflowError } from "../errors.ts";

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

const DEFAULT_MODEL = "gpt-5-mini";

/**
 * The model that the settings of the app name: Azure OpenAI where `AZURE_OPENAI_ENDPOINT` is set, else OpenAI where `OPENAI_API_KEY`
 * is; undefined where neither is.
 *
 * @throws {WorkflowError} `SETTING_INVALID` for an address that is none, or for Azure without key or deployment
 */
export function readModelSettings(
  environment: Readonly<Record<string, string | undefined>>,
): ModelSettings | undefined {
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
  if (apiKey !== undefined && deployment !== undefined) {
    return { provider: "azure", endpoint, apiKey, deployment, ...(apiVersion && { apiVersion }) };
  }
  const missing = apiKey === undefined ? "AZURE_OPENAI_API_KEY" : "AZURE_OPENAI_DEPLOYMENT";
  throw invalid(`AZURE_OPENAI_ENDPOINT is set, but ${missing} is not`, "Set both, or neither.");
}

function invalid(whatIsWrong: string, whatToDo: string): WorkflowError {
  return new WorkflowError("SETTING_INVALID", `The setting ${whatIsWrong}.`, whatToDo);
}
