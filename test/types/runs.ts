import { z } from "zod";
import {
  defineCatalog,
  defineRequestPort,
  type Executor,
  type InputOf,
  isCompletionOf,
  type OutputOf,
  type Run,
  type RunOf,
  type TypedRunEvent,
  type Workflow,
  WorkflowBuilder,
  type WorkflowRunner,
  withId,
  type YieldsOf,
} from "../../src/index.ts";
import { approval, both, lookUp, say, shout, type split } from "./vertices.ts";

/** Fails to compile unless both types are the same. */
function same<A, B>(..._proof: [A] extends [B] ? ([B] extends [A] ? [] : ["wider"]) : ["narrower"]): void {}

declare const runner: WorkflowRunner;

const answered = defineRequestPort({
  id: "Answered",
  request: z.object({ approved: z.boolean() }),
  response: z.object({ at: z.string().transform((text) => text.length) }),
  sends: "requestAndResponse",
});
const workflow = new WorkflowBuilder("Typed", lookUp)
  .addEdge(lookUp, approval)
  .addEdge(approval, answered)
  .withOutputFrom(answered)
  .build();

same<typeof workflow.name, "Typed">();
same<InputOf<typeof workflow>, string>();
same<OutputOf<typeof workflow>, { request: { approved: boolean }; response: { at: number } }>();
same<InputOf<typeof answered>, { approved: boolean }>();
same<YieldsOf<typeof lookUp>, never>();
same<OutputOf<typeof split>, never>();

const run = await runner.start(workflow, "12345", { runId: "a" });
same<typeof run, RunOf<typeof workflow>>();
const opened: Run<OutputOf<typeof workflow>> = runner.open(workflow, "a");
await opened.status();

// @ts-expect-error the compiler's own words: a wrong run input
await runner.start(workflow, { orderId: "12345" });

const first = await run.nextRequest("Approval");
same<typeof first.request, { id: string; total: number }>();
await first.respond({ approved: true });
await run.respond(approval, { approved: true });
await run.respond("Answered", { at: "noon" });
await run.respond({ requestId: first.requestId }, { approved: true });

// @ts-expect-error the compiler's own words: a wrong answer
await run.respond("Approval", { approved: "yes" });

// @ts-expect-error the compiler's own words: a wrong answer to the object
await run.respond(approval, { approve: true });

// @ts-expect-error the compiler's own words: an unknown port name
await run.respond("Aproval", { approved: true });

// @ts-expect-error the compiler's own words: an executor is no port
await run.nextRequest(lookUp);

for await (const event of run.events()) {
  if (isCompletionOf(event, lookUp)) same<typeof event.output, { id: string; total: number }>();
  if (event.type === "runOutput") same<typeof event.output, OutputOf<typeof workflow>>();
}
declare const event: TypedRunEvent;
if (isCompletionOf(event, approval)) same<typeof event.executorId, "Approval">();

// Without withOutputFrom nobody knows the type of the result.
const open = new WorkflowBuilder("Open", shout).addEdge(shout, say).build();
same<OutputOf<typeof open>, unknown>();

// A port as start is known by name as well; ports of a switch and a fan-out too.
const asking = new WorkflowBuilder("Asking", approval)
  .addFanOut(approval, [answered])
  .addSwitch(lookUp, (on) => on.default(withPort))
  .build();
declare const withPort: typeof approval;
declare const started: RunOf<typeof asking>;
await started.respond("Approval", { approved: true });
await started.respond("Answered", { at: "noon" });

// A builder in separate statements checks every edge, and ports are answered by the object.
const builder = new WorkflowBuilder("Statements", lookUp);
builder.addEdge(lookUp, approval);
const built = builder.withOutputFrom(approval).build();
same<OutputOf<typeof built>, { approved: boolean }>();
declare const loose: RunOf<typeof built>;
await loose.respond(approval, { approved: true });

// @ts-expect-error the compiler's own words: the variable kept its type, so no port is known by name
await loose.respond("Approval", { approved: true });

// A function for any executor names the message types.
const addAnother = <Id extends string>(executor: Executor<Id, string, string>) =>
  new WorkflowBuilder("Helped", shout).addEdge(shout, executor);
addAnother(withId("Again", shout));

// @ts-expect-error the compiler's own words: Both may return a number
addAnother(both);

// @ts-expect-error the compiler's own words: a port has one place in a graph
withId("Other", approval);

// Limits and the catalog

new WorkflowBuilder("Limited", lookUp).withLimits({ maxSupersteps: 10 });

// @ts-expect-error the compiler's own words: there is no such limit
new WorkflowBuilder("Limited", lookUp).withLimits({ maxSteps: 10 });

const catalog = defineCatalog([workflow, open]);
same<ReturnType<typeof catalog.get<"Typed">>, typeof workflow>();
const named: Workflow<string, unknown, "Open", never> = catalog.get("Open");
same<typeof named.name, "Open">();

// A port that is escalated to is answered by its id, and each port keeps its own types.
const upstairs = defineRequestPort({ id: "Upstairs", request: z.unknown(), response: z.number() });
const downstairs = defineRequestPort({
  id: "Downstairs",
  request: z.string(),
  response: z.boolean(),
  timeout: { afterMs: 1_000, escalateTo: upstairs },
});
const escalating = await runner.start(new WorkflowBuilder("Escalating", downstairs).build(), "a desk");
const asked = await escalating.nextRequest(downstairs);
same<typeof asked.request, string>();
await asked.respond(true);
await escalating.respond("Upstairs", 1);
// @ts-expect-error the compiler's own words: a wrong answer
await escalating.respond("Upstairs", true);
