import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runInProcess } from "../index.ts";
import { readModelSettings } from "./config.ts";
import { contentPipeline } from "./content-pipeline.ts";
import { expertReview } from "./expert-review.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "workflows-"));
  process.env.APP_DATA_DIR = folder;
});
afterEach(() => {
  delete process.env.APP_DATA_DIR;
  rmSync(folder, { recursive: true, force: true });
});

describe("ExpertReview without a key", () => {
  it("puts both answers together, and says that no model was asked", async () => {
    expect(await runInProcess(expertReview, "Why is the sky blue?").output()).toBe(
      [
        'Physicist: [scripted: no model was asked] What physics says about "Why is the sky blue?".',
        'Chemist: [scripted: no model was asked] What chemistry says about "Why is the sky blue?".',
      ].join("\n\n"),
    );
  });

  it("takes an object as well, and refuses a question of nothing", async () => {
    expect(await runInProcess(expertReview, { question: " Heat? " }).output()).toContain('about "Heat?"');
    expect((await runInProcess(expertReview, "  ").wait()).error).toMatchObject({ code: "QUESTION_INVALID" });
  });
});

describe("ContentPipeline without a key", () => {
  it("revises once, asks the editor, and publishes what the editor made of it", async () => {
    const run = runInProcess(contentPipeline, "bees");
    const { request, respond } = await run.nextRequest("EditorApproval");
    expect(request).toEqual({
      kind: "accept",
      topic: "bees",
      text: "[scripted: no model was asked] A second draft about bees.",
      revisions: 1,
      isAccepted: true,
    });
    await respond({ approved: true, text: "Bees are busy." });
    expect(await run.output()).toEqual({ published: true, topic: "bees", text: "Bees are busy.", revisions: 1 });
    const [file = ""] = readdirSync(join(folder, "outbox"));
    expect(JSON.parse(readFileSync(join(folder, "outbox", file), "utf8"))).toMatchObject({
      to: "readers@example.com",
      subject: "New article: bees",
      body: "Bees are busy.",
    });
    expect((await run.status()).usage?.modelCalls).toBe(4);
  });

  it("publishes nothing that the editor refuses", async () => {
    const run = runInProcess(contentPipeline, { topic: "bees" });
    await (await run.nextRequest("EditorApproval")).respond({ approved: false, comments: "No more bees" });
    expect(await run.output()).toMatchObject({ published: false });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("the model of the served agents", () => {
  it.each([
    ["none", {}, undefined],
    ["none for empty settings", { OPENAI_API_KEY: " " }, undefined],
    ["OpenAI", { OPENAI_API_KEY: "k" }, { provider: "openai", apiKey: "k", model: "gpt-5-mini" }],
    [
      "a server that speaks as OpenAI does",
      { OPENAI_API_KEY: "k", OPENAI_MODEL: "m", OPENAI_BASE_URL: "http://127.0.0.1:11434/v1" },
      { provider: "openai", apiKey: "k", model: "m", baseUrl: "http://127.0.0.1:11434/v1" },
    ],
    [
      "Azure OpenAI, also beside OpenAI",
      {
        OPENAI_API_KEY: "other",
        AZURE_OPENAI_ENDPOINT: "https://r.openai.azure.com",
        AZURE_OPENAI_API_KEY: "k",
        AZURE_OPENAI_DEPLOYMENT: "d",
      },
      { provider: "azure", endpoint: "https://r.openai.azure.com", apiKey: "k", deployment: "d" },
    ],
    [
      "Azure OpenAI by the older API",
      {
        AZURE_OPENAI_ENDPOINT: "https://r.openai.azure.com",
        AZURE_OPENAI_API_KEY: "k",
        AZURE_OPENAI_DEPLOYMENT: "d",
        AZURE_OPENAI_API_VERSION: "2024-10-21",
      },
      {
        provider: "azure",
        endpoint: "https://r.openai.azure.com",
        apiKey: "k",
        deployment: "d",
        apiVersion: "2024-10-21",
      },
    ],
  ])("is %s by the settings", (_name, environment, settings) => {
    expect(readModelSettings(environment)).toEqual(settings);
  });

  it.each([
    [{ OPENAI_API_KEY: "k", OPENAI_BASE_URL: "nowhere" }, "The setting OPENAI_BASE_URL is no URL."],
    [
      { AZURE_OPENAI_ENDPOINT: "https://r.openai.azure.com", AZURE_OPENAI_API_KEY: "k" },
      "The setting AZURE_OPENAI_ENDPOINT is set, but AZURE_OPENAI_DEPLOYMENT is not.",
    ],
    [
      { AZURE_OPENAI_ENDPOINT: "https://r.openai.azure.com", AZURE_OPENAI_API_VERSION: "latest" },
      'The setting AZURE_OPENAI_API_VERSION is "latest".',
    ],
  ])("is refused where the settings %j make none", (environment, message) => {
    expect(() => readModelSettings(environment)).toThrow(message);
  });
});
