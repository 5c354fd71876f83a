import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type HostProcess, startHostProcess } from "../support/host-process.ts";
import { type OpenAiServer, startOpenAiServer } from "../support/openai-server.ts";

/** The served agents with a provider in the settings: what asks it is the built app, in a process of its own. */

let dataDir: string;
let server: OpenAiServer;
let host: HostProcess | undefined;
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "served-model-"));
  server = await startOpenAiServer(() => ({ text: "Heat is motion.", usage: [21, 3] }));
});
afterEach(async () => {
  await host?.end("SIGTERM");
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const NONE = { OPENAI_API_KEY: "", AZURE_OPENAI_ENDPOINT: "" };

it.each([
  [
    "OpenAI",
    () => ({ OPENAI_API_KEY: "key", OPENAI_MODEL: "gpt", OPENAI_BASE_URL: server.url }),
    { name: "OpenAI gpt", path: "/v1/chat/completions", headers: { authorization: "Bearer key" } },
  ],
  [
    "Azure OpenAI",
    () => ({
      AZURE_OPENAI_ENDPOINT: new URL(server.url).origin,
      AZURE_OPENAI_API_KEY: "key",
      AZURE_OPENAI_DEPLOYMENT: "ours",
    }),
    { name: "Azure OpenAI ours", path: "/openai/v1/chat/completions", headers: { "api-key": "key" } },
  ],
])("agents and workflows of this app ask the model that the settings name: %s", async (_provider, settings, asked) => {
  host = await startHostProcess({ dataDir, environment: { ...NONE, ...settings() } });
  const listed = await (await fetch(`${host.url}/api/agents`)).json();
  expect(listed).toMatchObject({ agents: [{ name: "Physicist", model: asked.name, isScripted: false }, {}, {}] });
  const said = await fetch(`${host.url}/api/agents/Physicist/run`, { method: "POST", body: "What is heat?" });
  expect(await said.json()).toMatchObject({
    status: "Completed",
    response: "Heat is motion.",
    usage: { modelCalls: 1, inputTokens: 21, outputTokens: 3 },
  });
  const url = `${host.url}/api/workflows/ExpertReview/run?waitForResponse=true`;
  const reviewed = await fetch(url, {
    method: "POST",
    body: "What is heat?",
    headers: { "content-type": "text/plain" },
  });
  expect(await reviewed.json()).toMatchObject({ output: "Physicist: Heat is motion.\n\nChemist: Heat is motion." });
  expect(server.paths).toEqual([asked.path, asked.path, asked.path]);
  expect(server.headers[0]).toMatchObject(asked.headers);
});
