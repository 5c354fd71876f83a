import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { type FaultyJournal, faultyJournal, type JournalPlace, journalPlaces } from "../../test/support/journals.ts";
import { ManualClock } from "../../test/support/manual-clock.ts";
import { quiet } from "../../test/support/manual-environment.ts";
import { WorkflowBuilder } from "../graph/builder.ts";
import { defineExecutor } from "../graph/executor.ts";
import { defineRequestPort } from "../graph/request-port.ts";
import { defineState } from "../graph/state.ts";
import type { RunEvent } from "../wire/run-event.ts";
import { createInProcessRunner } from "./runner.ts";

interface Call {
  readonly life: number;
  readonly callKey: string;
}
let calls: Call[] = [];
let life = 0;

const sum = defineState({ name: "sum", schema: z.number(), initial: 0 });
const step = <const Id extends string>(id: Id, work: () => Promise<void> = async () => {}) =>
  defineExecutor({
    id,
    input: z.number(),
    output: z.number(),
    async handle(value, { callKey }) {
      calls.push({ life, callKey });
      await work();
      return value + 1;
    },
  });
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

const start = step("Start");
const quick = step("Quick");
const slow = step("Slow", async () => {
  await nextTurn();
  await nextTurn();
});
const ask = defineRequestPort({ id: "Ask", request: z.number(), response: z.number() });
/** Asked inside a sub-workflow: a frame, too, has to come back as it was. */
const asking = new WorkflowBuilder("Asking", ask).withOutputFrom(ask).build();
const join = defineExecutor({
  id: "Join",
  input: z.array(z.number()),
  output: z.number(),
  state: { writes: [sum] },
  handle(values, { callKey, state }) {
    calls.push({ life, callKey });
    state.set(
      sum,
      values.reduce((total, value) => total + value, 0),
    );
    return values.length;
  },
});
const end = defineExecutor({
  id: "End",
  input: z.number(),
  output: z.string(),
  state: { reads: [sum] },
  handle(count, { callKey, state }) {
    calls.push({ life, callKey });
    return `${count} values, sum ${state.get(sum)}`;
  },
});
const saga = new WorkflowBuilder("Saga", start)
  .addFanOut(start, [quick, slow, asking])
  .addFanIn([quick, slow, asking], join as never)
  .addEdge(join, end)
  .withOutputFrom(end)
  .build();

interface Death {
  readonly at: number;
  readonly when: "before" | "after";
}

describe.each(journalPlaces)("a runner over a journal in %s that dies", (_kind, makePlace) => {
  let place: JournalPlace;
  beforeEach(() => {
    place = makePlace();
    calls = [];
    life = 0;
  });
  afterEach(() => place.remove());

  /** Runs the saga in as many lives as there are deaths, and one more. @returns the number of commits of each life */
  async function runWithDeaths(deaths: readonly Death[]): Promise<number[]> {
    const commits: number[] = [];
    const toDisk = new Set<string>();
    for (const death of [...deaths, null]) {
      life += 1;
      const disk = await place.open();
      let isDead = false;
      const journal: FaultyJournal = faultyJournal(disk, (commit) => {
        if (isDead) return "before";
        isDead = commit === death?.at;
        return isDead ? (death?.when ?? null) : null;
      });
      const before = new Set(toDisk);
      await live(journal);
      for (const text of outcomesIn(journal)) toDisk.add(text);
      expect(calls.filter((call) => call.life === life && before.has(call.callKey))).toEqual([]);
      commits.push(journal.commits.length);
      disk.close(); // the dead runner gets no further: it cannot write, and its clock stands still
    }
    return commits;
  }

  /** A user who starts the saga and answers its request, and sends again what was not acknowledged. */
  async function live(journal: FaultyJournal): Promise<void> {
    const runner = createInProcessRunner({ journal, clock: new ManualClock() });
    await runner.recover([saga]);
    const started = await runner.start(saga, 1, { runId: "saga" }).catch(() => undefined);
    await quiet();
    const asking = (await started?.status())?.waitingForInput[0];
    if (asking) await started?.respond({ requestId: asking.requestId }, 40).catch(() => undefined);
    await quiet();
  }

  function outcomesIn(journal: FaultyJournal): string[] {
    const key = journal.run("saga")?.key ?? 0;
    const entries = journal.trace(key).flatMap((row) => JSON.parse(`[${row}]`) as { outcome?: { callKey: string } }[]);
    return entries.flatMap(({ outcome }) => outcome?.callKey ?? []);
  }

  async function expectFinished(): Promise<void> {
    const runner = createInProcessRunner({ journal: await place.open(), clock: new ManualClock() });
    const run = runner.open(saga, "saga");
    expect(await run.status()).toMatchObject({ status: "Completed", output: "3 values, sum 46" });
    const events: RunEvent[] = [];
    for await (const event of run.events()) events.push(event);
    expect(events.map(({ number }) => number)).toEqual(events.map((_event, index) => index + 1));
    expect(events.filter(({ type }) => type === "executorCompleted")).toHaveLength(7);
    await runner.close();
  }

  it("at any commit goes on where it was, and calls no executor again whose outcome is on disk", async () => {
    const [commits = 0] = await runWithDeaths([]);
    await expectFinished();
    expect(commits).toBeGreaterThan(5);
    for (let at = 1; at <= commits; at += 1) {
      for (const when of ["before", "after"] as const) {
        place.remove();
        place = makePlace();
        calls = [];
        await runWithDeaths([{ at, when }]);
        await expectFinished();
      }
    }
  }, 60_000);

  it("at any two commits, too", async () => {
    const [commits = 0] = await runWithDeaths([]);
    for (let at = 1; at <= commits; at += 1) {
      for (let later = 1; later <= 3; later += 1) {
        place.remove();
        place = makePlace();
        calls = [];
        await runWithDeaths([
          { at, when: at % 2 === 0 ? "before" : "after" },
          { at: later, when: "before" },
        ]);
        await expectFinished();
      }
    }
  }, 60_000);
});
