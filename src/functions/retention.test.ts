import { app, InvocationContext, type Timer } from "@azure/functions";
import { afterEach, expect, it, vi } from "vitest";
import { createScriptedClient, defineAgent } from "../agents/index.ts";
import { readConfig } from "../config.ts";
import type { Instances } from "../durable/sdk.ts";
import { defineCatalog } from "../graph/catalog.ts";
import { registerRetention } from "./retention.ts";

const SECOND_MS = 1_000;
const parrot = defineAgent({ id: "Parrot", instructions: "Repeat.", model: createScriptedClient([]) });

afterEach(() => vi.restoreAllMocks());

/** Lets the timer fire once over lists that have no end, each page of which takes its time; gives when it asked for what. */
async function fire({ runsPageMs, threadsPageMs }: { readonly runsPageMs: number; readonly threadsPageMs: number }) {
  const timer = vi.spyOn(app, "timer").mockImplementation(() => undefined);
  let nowMs = Date.UTC(2026, 0, 31);
  const startedAtMs = nowMs;
  const asked: string[] = [];
  const ask = (what: string, takesMs: number) => {
    asked.push(`${what} after ${(nowMs - startedAtMs) / SECOND_MS} s`);
    nowMs += takesMs;
  };
  const instances: Pick<Instances, "list" | "listEntities"> = {
    async list() {
      ask("runs", runsPageMs);
      return { instances: [], next: "more" };
    },
    async listEntities() {
      ask("threads", threadsPageMs);
      return { keys: [], next: "more" };
    },
  };
  registerRetention(
    {
      catalog: defineCatalog([]),
      instancesOf: () => instances as Instances,
      updates: undefined,
      config: readConfig({}),
    },
    [],
    { agents: [parrot], threadTtlMs: 0, nowMs: () => nowMs },
  );
  const handler = timer.mock.calls[0]?.[1].handler;
  await handler?.({} as Timer, new InvocationContext({}));
  return asked;
}

it("looks at runs for three minutes, and then at threads for one", async () => {
  expect(await fire({ runsPageMs: 70 * SECOND_MS, threadsPageMs: 25 * SECOND_MS })).toEqual([
    "runs after 0 s",
    "runs after 70 s",
    "runs after 140 s",
    "threads after 210 s",
    "threads after 235 s",
    "threads after 260 s",
  ]);
});

it("gives runs three minutes to the second, and threads one", async () => {
  const asked = await fire({ runsPageMs: 60 * SECOND_MS, threadsPageMs: 30 * SECOND_MS });
  expect(asked).toEqual([
    "runs after 0 s",
    "runs after 60 s",
    "runs after 120 s",
    "threads after 180 s",
    "threads after 210 s",
  ]);
});
