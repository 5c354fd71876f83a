import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { serveWorkflows } from "../../../../src/functions/serve-workflows.ts";
import { defineCatalog, defineExecutor, WorkflowBuilder } from "../../../../src/index.ts";

const STEP_MS = 15;

/** Adds one, slowly, and writes each call into the ledger before it does anything. */
function slowStep<Id extends string>(id: Id) {
  return defineExecutor({
    id,
    input: z.number(),
    output: z.number(),
    async handle(value, { runId, callKey }) {
      appendFileSync(ledger(), `${process.env.GENERATION} ${runId} ${callKey}\n`);
      await delay(STEP_MS);
      return value + 1;
    },
  });
}

function ledger(): string {
  const file = process.env.LEDGER_FILE;
  if (!file) throw new Error("LEDGER_FILE is not set. Start this app from test/chaos.");
  return file;
}

const first = slowStep("First");
const second = slowStep("Second");
const left = slowStep("Left");
const middle = slowStep("Middle");
const middleAgain = slowStep("MiddleAgain");
const right = slowStep("Right");
const last = slowStep("Last");
const sum = defineExecutor({
  id: "Sum",
  input: z.array(z.number()),
  output: z.number(),
  handle: (values) => values.reduce((total, value) => total + value, 0),
});

const slowDiamond = new WorkflowBuilder("SlowDiamond", first)
  .addEdge(first, second)
  .addFanOut(second, [left, middle, right])
  .addEdge(middle, middleAgain)
  .addFanIn([left, middleAgain, right], sum)
  .addEdge(sum, last)
  .withOutputFrom(last)
  .build();

serveWorkflows({ catalog: defineCatalog([slowDiamond]), recordedPlans: [] });
