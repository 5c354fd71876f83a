// The function app that is killed: every executor writes each call into a ledger before it does anything.
import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { serveWorkflows } from "../../../../dist/functions/serve-workflows.js";
import { defineCatalog, defineExecutor, defineRequestPort, WorkflowBuilder } from "../../../../dist/index.js";

const STEP_MS = 5;

const step = (id) =>
  defineExecutor({
    id,
    input: z.number(),
    output: z.number(),
    async handle(value, { runId }) {
      appendFileSync(process.env.LEDGER_FILE, `${Date.now()} ${runId} ${id}\n`);
      await delay(STEP_MS);
      return value + 1;
    },
  });

const [first, left, right, last] = ["First", "Left", "Right", "Last"].map(step);
const sum = defineExecutor({
  id: "Sum",
  input: z.array(z.number()),
  output: z.number(),
  handle(values, { runId }) {
    appendFileSync(process.env.LEDGER_FILE, `${Date.now()} ${runId} Sum\n`);
    return values.reduce((total, value) => total + value, 0);
  },
});
const steps = new WorkflowBuilder("Steps", first)
  .addFanOut(first, [left, right])
  .addFanIn([left, right], sum)
  .addEdge(sum, last)
  .withOutputFrom(last)
  .build();

const before = step("Before");
const approve = defineRequestPort({ id: "Approve", request: z.number(), response: z.number() });
const behind = step("Behind");
const approval = new WorkflowBuilder("Approval", before)
  .addEdge(before, approve)
  .addEdge(approve, behind)
  .withOutputFrom(behind)
  .build();

serveWorkflows({ catalog: defineCatalog([steps, approval]), recordedPlans: [] });
