import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import {
  createInProcessRunner,
  createMemoryJournal,
  type Journal,
  type JournaledRunner,
  openSqliteJournal,
  type WorkflowRunner,
} from "../../src/index.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { racesSuite } from "./races.suite.ts";
import { runnerUnderTest } from "./runner-under-test.ts";

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

function journaledBy(journal: Journal): WorkflowRunner {
  const runner = createInProcessRunner({ journal, clock });
  journaled.push(runner);
  return runner;
}

race("in process", createInProcessRunner({ clock }));
race("in process with a journal in memory", journaledBy(createMemoryJournal()));
race(
  "in process with a journal in SQLite",
  journaledBy(await openSqliteJournal({ file: join(folder, "runs.sqlite") })),
);
