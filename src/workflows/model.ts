import { type ChatClient, type ChatRequest, createScriptedClient } from "../agents/index.ts";
import { createModelClient, type ModelSettings } from "../agents/models/index.ts";
import { readModelSettings } from "./config.ts";

/**
 * The model of the served agents: the provider that the settings name, or without one a scripted client, so that the app works
 * without any key. What it says begins with words that say so.
 *
 * @param script - what the scripted client says to a question
 */
export function servedModel(
  script: (request: ChatRequest) => string | { readonly output: unknown },
  settings: ModelSettings | undefined = readModelSettings(),
): ChatClient {
  return settings
    ? createModelClient(settings)
    : createScriptedClient(script, { name: "scripted (no model is set up)" });
}

/** Where the settings name no model, every text of a scripted client begins with this. */
export const SCRIPTED = "[scripted: no model was asked]";
