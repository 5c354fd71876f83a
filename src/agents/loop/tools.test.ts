import { expect, it } from "vitest";
import { z } from "zod";
import { forget } from "../../../test/support/agent-parts.ts";
import type { HandlerContext } from "../../graph/runtime.ts";
import type { AgentSpec } from "../agent-spec.ts";
import { toolExecutor } from "./tools.ts";

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
