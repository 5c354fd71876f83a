import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import {
  createInProcessRunner,
  createMemoryJournal,
  type Journal,
  type JournaledRunner,
  openSqliteJournal,
  type Run,
  type RunEvent,
  type Workflow,
} from "../../src/index.ts";
import { conformance } from "./all-suites.ts";
import type { RunUnderTest } from "./runner-under-test.ts";
import { catalog } from "./workflows.ts";

const folder = mkdtempSync(join(tmpdir(), "journal-conformance-"));
afterAll(() => rmSync(folder, { recursive: true }));

const JOURNALS: readonly [string, () => Promise<Journal>][] = [
  ["memory", async () => createMemoryJournal()],
  ["SQLite", () => openSqliteJournal({ file: join(folder, "runs.sqlite") })],
];

for (const [kind, open] of JOURNALS) {
  let runner: JournaledRunner;
  beforeAll(async () => {
    runner = createInProcessRunner({ journal: await open() });
  });
  afterAll(() => runner.close());

  conformance({
    name: `in process with a journal in ${kind}`,
    async start(workflow, input, options) {
      // By name, the types of inputs and ports are not known: what the suites send is checked at run time.
      const untyped = catalog.get(workflow) as unknown as Workflow<unknown, unknown, string, never>;
      return underTest(await runner.start(untyped, input, options));
    },
  });
}

function underTest(run: Run<unknown, never>): RunUnderTest {
  const live = eventsOf(run);
  return {
    runId: run.runId,
    status: () => run.status(),
    respond: (request, response) =>
      "requestId" in request
        ? run.respond(request, response)
        : run.respond(request.eventName as never, response as never),
    cancel: (reason) => run.cancel(reason),
    end: () => run.wait(),
    async events() {
      const recorded = await eventsOf(run);
      expect(recorded).toEqual(await live);
      return recorded;
    },
  };
}

/** While the run is open these come live; later they are folded from its trace. */
async function eventsOf(run: Run<unknown, never>): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of run.events()) events.push(event);
  return events;
}
