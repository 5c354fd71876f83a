export { type AiSdkOptions, createAiSdkClient } from "./ai-sdk.ts";
export { createModelClient, type ModelSettings } from "./providers.ts";
