import type { EntityContext, OrchestrationContext, Task } from "durable-functions";
import { expect, it } from "vitest";
import { df } from "../../../test/support/capture-functions.ts";
import { openHub } from "../../../test/support/hub-harness.ts";
import { quiet } from "../../../test/support/manual-environment.ts";

type Flow = Generator<Task, unknown, unknown>;

df.app.activity("Nothing", { handler: () => null });
df.app.entity("Log", (context: EntityContext<number>) => context.df.setState((context.df.getState() ?? 0) + 1));
df.app.orchestration("Version", function* (context: OrchestrationContext): Flow {
  const { isParent = false } = (context.df.getInput() ?? {}) as { isParent?: boolean };
  if (!isParent) {
    yield context.df.callActivity("Nothing", {});
    return context.df.version;
  }
  return [
    context.df.version,
    yield context.df.callSubOrchestrator("Version", {}, "named-version", "2.5"),
    yield context.df.callSubOrchestrator("Version", {}, "no-version"),
  ];
});

it("gives an orchestration the version it was started with, or the one of the settings, and its children theirs", async () => {
  const { run, view, hub } = await openHub({ defaultVersion: "1.0" });
  const started = await run({ name: "Version", version: "7", inputJson: '{"isParent":true}' });
  expect((await view(started)).output).toBe('["7","2.5","1.0"]');
  expect((await view(await run({ name: "Version", inputJson: "{}" }))).output).toBe('"1.0"');
  const created = (await hub.history(started))?.filter(({ EventType }) => EventType === 7);
  expect(created?.map(({ Version }) => Version)).toEqual(["2.5", ""]);
});

it("keeps inputs in the history when it is told to", async () => {
  const inputs = async (storesInputs: boolean): Promise<unknown> => {
    const { run, hub } = await openHub({ storesInputs });
    const id = await run({ name: "Version", inputJson: '{"isParent":true}' });
    const child = await hub.history("no-version");
    const events = [...((await hub.history(id)) ?? []), ...(child ?? [])];
    return events.filter(({ EventType }) => EventType === 4 || EventType === 7).map(({ Input }) => Input);
  };
  expect(await inputs(false)).toEqual([null, null, null]);
  expect(await inputs(true)).toEqual(["{}", "{}", "[{}]"]);
});

it("gives an entity no more operations at once than it is told", async () => {
  const batches: number[] = [];
  const { hub } = await openHub({
    entityBatchSize: 2,
    watch: { entity: (_id, batch) => void batches.push(batch.length) },
  });
  const signal = { name: "Log", key: "one", operation: "add", inputJson: null };
  await Promise.all(Array.from({ length: 5 }, () => hub.signalEntity(signal)));
  await quiet();
  // The first one finds the entity idle.
  expect(batches).toEqual([1, 2, 2]);
});
