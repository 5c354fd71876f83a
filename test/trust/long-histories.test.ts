import type { OrchestrationContext, Task } from "durable-functions";
import { describe, expect, it } from "vitest";
import { createMemoryStore } from "../../src/host/store/memory.ts";
import { capturedFunctions, df } from "../support/capture-functions.ts";
import { faultyStore } from "../support/faulty-store.ts";
import { openHub } from "../support/hub-harness.ts";
import { NO_EVIDENCE } from "./checker/evidence.ts";
import { exportOf } from "./checker/exported.ts";
import { violationsIn } from "./checker/invariants.ts";
import { replayOnce } from "./support/replay-once.ts";

type Flow = Generator<Task, unknown, unknown>;

/** How often an orchestrator has asked for an activity, replays included. */
let asked = 0;

df.app.activity("Echo", { handler: ({ text }: { text: string }) => text });
df.app.orchestration("Waves", function* (context: OrchestrationContext): Flow {
  const { waves, width, chars } = context.df.getInput() as { waves: number; width: number; chars: number };
  let count = 0;
  for (let wave = 0; wave < waves; wave += 1) {
    const calls = Array.from({ length: width }, () => context.df.callActivity("Echo", { text: "x".repeat(chars) }));
    asked += calls.length;
    count += ((yield context.df.Task.all(calls)) as unknown[]).length;
  }
  return count;
});

interface Wave {
  readonly waves: number;
  readonly width: number;
  readonly chars?: number;
}

/** Runs it to its end, and counts what the hub did for it. */
async function runWaves({ waves, width, chars = 10 }: Wave) {
  let episodes = 0;
  const countEpisode = (): void => {
    episodes += 1;
  };
  const kept = createMemoryStore();
  const store = faultyStore(kept, () => null);
  const { hub, view } = await openHub({ store, watch: { orchestrator: countEpisode } });
  await hub.start({ name: "Waves", instanceId: "waves", inputJson: JSON.stringify({ waves, width, chars }) });
  while ((await view("waves")).runtimeStatus !== "Completed") await new Promise((resolve) => setImmediate(resolve));
  const exported = exportOf(kept);
  await hub.close();
  const [instance] = exported.instances;
  if (!instance) throw new Error("Nothing was exported.");
  const writtenChars = JSON.stringify(store.batches).length;
  const events = instance.chunks.reduce((sum, { eventCount }) => sum + eventCount, 0);
  return {
    episodes,
    events,
    writtenChars,
    instance,
    output: instance.row.output,
    violations: violationsIn({ ...exported, instances: [instance] }, { ...NO_EVIDENCE, cutShort: new Set(["waves"]) }),
  };
}

/** The shortest of several tries: what else the machine does only adds to it. */
async function shortestMs(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let attempt = 0; attempt < 7; attempt += 1) {
    const startedAt = performance.now();
    await work();
    times.push(performance.now() - startedAt);
  }
  return Math.min(...times);
}

describe("a long history", () => {
  it("of 10,000 events comes to its end, is whole, and costs twice as much to replay as half of it", async () => {
    const whole = await runWaves({ waves: 50, width: 100 });
    const half = await runWaves({ waves: 25, width: 100 });
    expect([whole.output, whole.violations]).toEqual(["5000", []]);
    expect(whole.events).toBeGreaterThan(10_000);
    const functions = capturedFunctions();
    asked = 0;
    await replayOnce(whole.instance, functions);
    expect(asked).toBe(5_000);
    const wholeMs = await shortestMs(() => replayOnce(whole.instance, functions));
    const ratio = wholeMs / (await shortestMs(() => replayOnce(half.instance, functions)));
    // 2 by the events; twice that leaves room for a machine that does other things, and none for a square.
    expect(ratio).toBeLessThan(3.5);
  }, 120_000);

  it("of a fan-out to 1,000 takes as many episodes as one to 100, to each of which many outcomes come at once", async () => {
    const wide = await runWaves({ waves: 1, width: 1_000 });
    const narrow = await runWaves({ waves: 1, width: 100 });
    expect([wide.output, narrow.output]).toEqual(["1000", "100"]);
    expect(wide.violations).toEqual([]);
    expect(wide.episodes).toBeLessThanOrEqual(60);
    expect(wide.writtenChars / narrow.writtenChars).toBeLessThan(12);
  }, 120_000);

  it("of 5 MB of payloads is written once, and not again with every step", async () => {
    const large = await runWaves({ waves: 25, width: 2, chars: 100_000 });
    expect([large.output, large.violations]).toEqual(["50", []]);
    // Each text goes in as an input and comes out as a result.
    const payloadChars = 2 * 50 * 100_000;
    expect(large.writtenChars / payloadChars).toBeGreaterThan(1);
    expect(large.writtenChars / payloadChars).toBeLessThan(2);
  }, 120_000);
});
