import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { defineAgent, defineTool } from "../../src/agents/index.ts";
import { createModelClient } from "../../src/agents/models/index.ts";
import { createInProcessRunner, createMemoryJournal } from "../../src/index.ts";
import { type OpenAiServer, startOpenAiServer, type WireRequest } from "../support/openai-server.ts";

const RUNS = 100;

let server: OpenAiServer;
let failures = 0;

/** Every tenth answer is a failure, by turns a 429 that says when to come back and a 500. */
beforeAll(async () => {
  server = await startOpenAiServer((request, number) => {
    if (number % 10 !== 0) return answerTo(request);
    failures++;
    return number % 20 === 0 ? { status: 500 } : { status: 429, headers: { "retry-after-ms": "10" } };
  });
});
afterAll(() => server.close());

function answerTo({ messages }: WireRequest) {
  const last = messages.at(-1);
  if (last?.role === "tool") return { text: JSON.stringify({ square: Number(last.content) }) };
  return { toolCalls: [{ id: "call_1", name: "square", arguments: JSON.stringify({ of: Number(last?.content) }) }] };
}

it("100 agents at once finish with the right answers while every tenth answer of the model is a 429 or a 500", async () => {
  const square = defineTool({
    name: "square",
    description: "Squares a number",
    input: z.object({ of: z.number() }),
    run: ({ of }) => of * of,
  });
  const agent = defineAgent({
    id: "Squarer",
    instructions: "You square numbers.",
    model: createModelClient({ provider: "openai", apiKey: "k", model: "m", baseUrl: server.url }),
    tools: [square],
    output: z.object({ square: z.number() }),
    retry: { maxAttempts: 8, firstDelayMs: 5, backoff: 1.5 },
  });
  const runner = createInProcessRunner({ journal: createMemoryJournal() });
  const runs = await Promise.all(Array.from({ length: RUNS }, (_run, index) => runner.start(agent, String(index))));
  const answers = await Promise.all(runs.map((run) => run.output()));
  expect(answers.map(({ output }) => output.square)).toEqual(
    Array.from({ length: RUNS }, (_run, index) => index * index),
  );
  expect(failures).toBeGreaterThanOrEqual(20);
  // Two turns for each run, and one question more for each that failed: nothing else was asked twice.
  expect(server.requests.length).toBe(2 * RUNS + failures);
  await runner.close();
}, 60_000);
