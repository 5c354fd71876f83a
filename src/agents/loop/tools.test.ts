import { expect, it } from "vitest";
import { z } from "zod";
import { forget } from "../../../test/support/agent-parts.ts";
import type { HandlerContext } from "../../graph/runtime.ts";
import type { AgentSpec } from "../agent-spec.ts";
import { toolExecutor, toolFailed } from "./tools.ts";

const asked = { agent: "Clerk", tool: "forget", arguments: { customer: "Ada" } };

it.each([
  ["as it is asked now", { ...asked, callId: "2.5.3" }],
  ["as it was asked before calls had ids", { ...asked, wave: "2.5", slot: 3 }],
])("a tool is run for the call that a person approved: %s", async (_when, request) => {
  const told: unknown[] = [];
  const set: unknown[] = [];
  const context = {
    superstep: 7,
    emit: () => {},
    sendMessage: (message: unknown) => told.push(message),
    state: { get: () => null, set: (key: { name: string }, value: unknown) => set.push([key.name, value]) },
  };
  const executor = toolExecutor({ id: "Clerk" } as AgentSpec, forget);
  const message = z.parse(executor.input as z.ZodType, { request, response: { approved: true } });
  await executor.handle(message, context as unknown as HandlerContext);
  expect(set).toEqual([["slot3", { wave: "2.5", superstep: 7, result: { deleted: "Ada" } }]]);
  expect(told).toEqual([{ wave: "2.5", slot: 3 }]);
});

it("an answer that names no call, in a run of an older plan, fails that run with a code of its own", () => {
  const { handle } = toolFailed({ id: "Caller", tools: [] } as unknown as AgentSpec);
  const error = { message: "It does not fit." };
  const message = { executorId: "ask_Hotline_answer", input: { text: "hello" }, error };
  expect(() => handle(message, {} as HandlerContext)).toThrow(
    expect.objectContaining({
      code: "TOOL_ANSWER_INVALID",
      message:
        'What "ask_Hotline_answer" took for the answer of a tool does not say which call it answers. Start the run again: the graph of today asks such workflows in a frame of their own.',
      cause: new Error("It does not fit."),
    }),
  );
});
