// Run as a process of its own by `journal.test.ts`: opens the journal, goes on with the runs in it, starts the runs that are
// missing, one after the other, and says what was acknowledged and what has ended. It lives until it is killed.
import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { createInProcessRunner, defineExecutor, openSqliteJournal, WorkflowBuilder } from "../../src/index.ts";

const [, , file = "", ledger = "", generation = "", runs = "0"] = process.argv;

const step = <const Id extends string>(id: Id, ms: number) =>
  defineExecutor({
    id,
    input: z.number(),
    output: z.number(),
    async handle(value, { runId, callKey }) {
      appendFileSync(ledger, `${generation} ${runId} ${callKey}\n`);
      await delay(ms);
      return value + 1;
    },
  });
const start = step("Start", 3);
const left = step("Left", 5);
const right = step("Right", 15);
const join = defineExecutor({
  id: "Join",
  input: z.array(z.number()),
  output: z.number(),
  handle: (values) => values.reduce((sum, value) => sum + value, 0),
});
const end = step("End", 3);
const diamond = new WorkflowBuilder("SlowDiamond", start)
  .addFanOut(start, [left, right])
  .addFanIn([left, right], join as never)
  .addEdge(join, end)
  .withOutputFrom(end)
  .build();

const runner = createInProcessRunner({ journal: await openSqliteJournal({ file }) });
await runner.recover([diamond]);
for (let input = 0; input < Number(runs); input += 1) {
  const run = await runner.start(diamond, input, { runId: `run-${input}` });
  console.log(`acknowledged ${run.runId}`);
  void run.output().then((output) => console.log(`ended ${run.runId} ${output}`));
  await delay(2);
}
