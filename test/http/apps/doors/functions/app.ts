import { setTimeout as delay } from "node:timers/promises";
import { app } from "@azure/functions";
import { z } from "zod";
import { durableClientInput, durableRunnerOf, serveWorkflows } from "../../../../../src/functions/serve-workflows.ts";
import { defineCatalog, defineExecutor, defineRequestPort, WorkflowBuilder } from "../../../../../src/index.ts";
import { countedCalls } from "../../counted-calls.ts";

const greet = defineExecutor({
  id: "Greet",
  input: z.string().min(1),
  output: z.string(),
  handle: (name) => `Hello ${name}`,
});
const greeting = new WorkflowBuilder("Greeting", greet).describe("Greets by name").build();

const count = defineExecutor({
  id: "Count",
  input: z.string(),
  output: z.string(),
  handle(name) {
    countedCalls.set(name, (countedCalls.get(name) ?? 0) + 1);
    return name;
  },
});
const counting = new WorkflowBuilder("Counting", count).build();

const sleep = defineExecutor({
  id: "Sleep",
  input: z.object({ milliseconds: z.number() }),
  output: z.string(),
  async handle({ milliseconds }) {
    await delay(milliseconds);
    return "awake";
  },
});
const nap = new WorkflowBuilder("Nap", sleep).build();

const fail = defineExecutor({
  id: "Fail",
  input: z.null(),
  output: z.string(),
  handle(): string {
    throw Object.assign(new Error("The oven is broken."), { code: "OVEN_BROKEN" });
  },
});
const failing = new WorkflowBuilder("Failing", fail).build();

const decision = z.object({ approved: z.boolean(), comments: z.string().optional() });
const manager = defineRequestPort({ id: "Manager", request: z.object({ amount: z.number() }), response: decision });
const finish = defineExecutor({
  id: "Finish",
  input: decision,
  output: z.string(),
  handle: ({ approved }) => (approved ? "paid" : "kept"),
});
const approval = new WorkflowBuilder("Approval", manager).addEdge(manager, finish).withOutputFrom(finish).build();

const signOff = defineRequestPort({
  id: "SignOff",
  request: z.string(),
  response: z.boolean(),
  sends: "requestAndResponse",
});
const signing = new WorkflowBuilder("Signing", signOff).build();

serveWorkflows({
  catalog: defineCatalog([greeting, nap, failing, approval, signing, counting]),
  mcp: { tools: [greeting, nap, failing, approval], mayRespond: true, waitMs: 3_000 },
});

/** A function of the app's own, which runs a workflow by itself. */
app.http("greetAll", {
  methods: ["POST"],
  route: "greet-all",
  authLevel: "function",
  extraInputs: [durableClientInput],
  async handler(request, context) {
    const names = z.array(z.string()).parse(await request.json());
    const runner = durableRunnerOf(context);
    const runs = await Promise.all(names.map((name) => runner.start(greeting, name)));
    return { jsonBody: await Promise.all(runs.map((run) => run.output())) };
  },
});
