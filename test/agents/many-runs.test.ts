import { afterEach, beforeEach, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { defineAgent, defineTool } from "../../src/agents/index.ts";
import { createModelClient } from "../../src/agents/models/index.ts";
import type { AnyWorkflow } from "../../src/graph/workflow.ts";
import { createInProcessRunner, createMemoryJournal, type WorkflowRunner } from "../../src/index.ts";
import { serveDurably } from "../durable/support/durable-runs.ts";
import { type OpenAiServer, startOpenAiServer, type WireRequest } from "../support/openai-server.ts";

const RUNS = 100;

let server: OpenAiServer;
let failures: number;

/** Every tenth answer is a failure, by turns a 429 that says when to come back and a 500. */
beforeEach(async () => {
  failures = 0;
  server = await startOpenAiServer((request, number) => {
    if (number % 10 !== 0) return answerTo(request);
    failures++;
    return number % 20 === 0 ? { status: 500 } : { status: 429, headers: { "retry-after-ms": "10" } };
  });
});
afterEach(() => server.close());

function answerTo({ messages }: WireRequest) {
  const last = messages.at(-1);
  if (last?.role === "tool") return { text: JSON.stringify({ square: Number(last.content) }) };
  return { toolCalls: [{ id: "call_1", name: "square", arguments: JSON.stringify({ of: Number(last?.content) }) }] };
}

it.each([
  [
    "in process with a journal",
    async () => {
      const runner = createInProcessRunner({ journal: createMemoryJournal() });
      onTestFinished(() => runner.close());
      return runner;
    },
  ],
  ["on a durable host", async (agent: AnyWorkflow) => (await serveDurably(agent)).runner],
])(
  "100 agents at once finish with the right answers while every tenth answer of the model is a 429 or a 500, %s",
  async (_where, runnerOf) => {
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
    const runner: WorkflowRunner = await runnerOf(agent);
    const runs = await Promise.all(Array.from({ length: RUNS }, (_run, index) => runner.start(agent, String(index))));
    const answers = await Promise.all(runs.map((run) => run.output()));
    expect(answers.map(({ output }) => output.square)).toEqual(
      Array.from({ length: RUNS }, (_run, index) => index * index),
    );
    expect(failures).toBeGreaterThanOrEqual(20);
    // Two turns for each run, and one question more for each that failed: nothing else was asked twice.
    expect(server.requests.length).toBe(2 * RUNS + failures);
  },
  60_000,
);
