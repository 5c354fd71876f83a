import type { ChatClient } from "../chat-client.ts";
import { createAiSdkClient } from "./ai-sdk.ts";

/** Where a model is to be found, and with which key. */
export type ModelSettings =
  | {
      readonly provider: "openai";
      readonly apiKey: string;
      readonly model: string;
      /** Another server that speaks as OpenAI does: `http://127.0.0.1:11434/v1`. */
      readonly baseUrl?: string | undefined;
    }
  | {
      readonly provider: "azure";
      readonly apiKey: string;
      /** `https://{resource}.openai.azure.com` */
      readonly endpoint: string;
      readonly deployment: string;
      /** Of the older API, `2024-10-21`, whose addresses name the deployment; the v1 API is called without it. */
      readonly apiVersion?: string | undefined;
    };

/** What people copy along with an endpoint. */
const BEHIND_ENDPOINT = /(\/openai)?(\/v1)?\/*$/;

/**
 * The chat client of a model at OpenAI or Azure OpenAI. `ai` and the package of the provider are loaded at the first call.
 *
 * It speaks the chat completions API, which every server knows that is called compatible.
 */
export function createModelClient(settings: ModelSettings): ChatClient {
  if (settings.provider === "openai") {
    const { apiKey, model, baseUrl } = settings;
    return createAiSdkClient(
      async () => {
        const { createOpenAI } = await import("@ai-sdk/openai");
        return createOpenAI({ apiKey, ...(baseUrl !== undefined && { baseURL: baseUrl }) }).chat(model);
      },
      { name: `OpenAI ${model}` },
    );
  }
  const { apiKey, endpoint, deployment, apiVersion } = settings;
  return createAiSdkClient(
    async () => {
      const { createAzure } = await import("@ai-sdk/azure");
      const openai = `${endpoint.replace(BEHIND_ENDPOINT, "")}/openai`;
      // The SDK adds `/v1` for the host names of Azure alone, and a gateway has another one.
      const provider =
        apiVersion === undefined
          ? createAzure({ apiKey, baseURL: `${openai}/v1` })
          : createAzure({ apiKey, baseURL: openai, apiVersion, useDeploymentBasedUrls: true });
      return provider.chat(deployment);
    },
    { name: `Azure OpenAI ${deployment}` },
  );
}
