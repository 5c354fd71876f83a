import { expect, it } from "vitest";
import { z } from "zod";
import { WorkflowBuilder } from "../builder.ts";
import { defineExecutor } from "../executor.ts";
import { toMermaid } from "../mermaid.ts";
import { defineRequestPort } from "../request-port.ts";
import type { RetryPolicy } from "../runtime.ts";

const build = (more: { readonly retry?: RetryPolicy; readonly timeoutMs?: number }, runTimeoutMs?: number) => {
  const work = defineExecutor({ id: "Work", input: z.string(), output: z.string(), ...more, handle: (text) => text });
  const builder = new WorkflowBuilder("Limited", work);
  return (runTimeoutMs === undefined ? builder : builder.withTimeout(runTimeoutMs)).build();
};
const retry = { maxAttempts: 3, firstDelayMs: 100 };

it.each([
  [{ retry: { ...retry, maxAttempts: 0 } }, undefined, '"retry" of executor "Work"'],
  [{ retry: { ...retry, maxAttempts: 1.5 } }, undefined, "maxAttempts"],
  [{ retry: { ...retry, firstDelayMs: -1 } }, undefined, "firstDelayMs"],
  [{ retry: { ...retry, backoff: 0.5 } }, undefined, "backoff"],
  [{ retry: { ...retry, jitter: 2 } }, undefined, "jitter"],
  [{ timeoutMs: 0 }, undefined, '"timeoutMs" of executor "Work"'],
  [{}, -5, "withTimeout is -5"],
])("a number that cannot work is refused at build(): %j %s", (more, runTimeoutMs, said) => {
  const building = () => build(more, runTimeoutMs);
  expect(building).toThrow(said);
  expect(building).toThrow(expect.objectContaining({ code: "PLAN_INVALID" }));
});

it.each([
  [{ afterMs: 0 }, '"timeout" of port "Ask"'],
  [{ afterMs: 100, respondWith: "no" }, '"respondWith" of port "Ask" does not fit the port\'s schema'],
])("a timeout of a port that cannot work is refused at build(): %j", (timeout, said) => {
  const ask = defineRequestPort({ id: "Ask", request: z.string(), response: z.boolean(), timeout: timeout as never });
  const building = () => new WorkflowBuilder("Asks", ask).build();
  expect(building).toThrow(said);
  expect(building).toThrow(expect.objectContaining({ code: "PLAN_INVALID" }));
});

it("a response at timeout cannot be checked by a schema that answers later", () => {
  const response = z.boolean().refine(async () => true);
  const timeout = { afterMs: 100, respondWith: true };
  const ask = defineRequestPort({ id: "Ask", request: z.string(), response, timeout });
  expect(() => new WorkflowBuilder("Asks", ask).build()).toThrow("answers later");
});

it("a port that is only escalated to is part of the graph, and drawn", () => {
  const boss = defineRequestPort({ id: "Boss", request: z.string(), response: z.boolean() });
  const timeout = { afterMs: 100, escalateTo: boss };
  const clerk = defineRequestPort({ id: "Clerk", request: z.string(), response: z.boolean(), timeout });
  const workflow = new WorkflowBuilder("Asks", clerk).build();
  expect(workflow.plan.executors.map(({ id }) => id)).toEqual(["Clerk", "Boss"]);
  expect(workflow.plan.outputs).toEqual(["Clerk", "Boss"]);
  expect(toMermaid(workflow)).toContain('n0 -.->|"timeout"| n1');
});

it("the plan says what counts, defaults filled in, and is another version with it", () => {
  const plain = build({}).plan;
  expect(plain.executors[0]).not.toHaveProperty("retry");
  const { plan } = build({ retry: { ...retry, retryOn: ["BUSY"] }, timeoutMs: 5_000 }, 60_000);
  expect(plan.timeoutMs).toBe(60_000);
  expect(plan.executors[0]).toMatchObject({
    timeoutMs: 5_000,
    retry: { maxAttempts: 3, firstDelayMs: 100, backoff: 2, maxDelayMs: 3_600_000, jitter: 0, codes: ["BUSY"] },
  });
  expect(plan.fingerprint).not.toBe(plain.fingerprint);
  expect(build({ retry: { ...retry, retryOn: () => true } }).plan.executors[0]?.retry?.asksCode).toBe(true);
});
