import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import {
  createInProcessRunner,
  createMemoryJournal,
  type Journal,
  type JournaledRunner,
  openSqliteJournal,
  type WorkflowRunner,
} from "../../src/index.ts";
import { gates } from "../http/gates.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { racesSuite } from "./races.suite.ts";
import { RACE_MS } from "./racing-workflows.ts";
import { eventsOf, runnerUnderTest, until, untilAsking } from "./runner-under-test.ts";

const folder = mkdtempSync(join(tmpdir(), "journal-races-"));
const clock = new ManualClock(Date.UTC(2026, 0, 1));
const journaled: JournaledRunner[] = [];
afterAll(async () => {
  for (const runner of journaled) await runner.close();
  rmSync(folder, { recursive: true });
});

function race(name: string, runner: WorkflowRunner): void {
  racesSuite({
    ...runnerUnderTest(name, () => runner),
    ignoresLateAnswers: false,
    advance: (durationMs) => clock.advance(durationMs),
    async inOneTurn(_run, doings) {
      for (const doing of doings) await doing();
    },
  });
}

/** While an answer is being written down, the run goes on. */
function raceWhileRecording(name: string, runner: WorkflowRunner): void {
  it(`an answer that is on disk only after the deadline has come is ignored, and an event tells so, ${name}`, async () => {
    const { start } = runnerUnderTest(name, () => runner);
    const subject = `recorded ${name}`;
    gates.get(subject).open();
    const run = await start("RaceAgainstResponse", subject);
    const [requestId = ""] = await untilAsking(run, "Racing");
    await until(run, ({ executors }) => executors.some(({ id, status }) => id === "Held" && status === "completed"));
    const answering = run.respond({ requestId }, { by: "a person" });
    for (let step = 0; step < 50; step++) await Promise.resolve(); // it is checked, and handed to the journal
    clock.advance(RACE_MS);
    await answering;
    expect(await run.end()).toMatchObject({ status: "Completed", outputs: ["the clock"] });
    expect(await eventsOf(run, "requestTimedOut")).toHaveLength(1);
    expect(await eventsOf(run, "responseIgnored")).toMatchObject([{ requestId }]);
  });
}

function journaledBy(journal: Journal): WorkflowRunner {
  const runner = createInProcessRunner({ journal, clock });
  journaled.push(runner);
  return runner;
}

race("in process", createInProcessRunner({ clock }));
for (const [name, journal] of [
  ["in process with a journal in memory", createMemoryJournal()],
  ["in process with a journal in SQLite", await openSqliteJournal({ file: join(folder, "runs.sqlite") })],
] as const) {
  const runner = journaledBy(journal);
  race(name, runner);
  raceWhileRecording(name, runner);
}
