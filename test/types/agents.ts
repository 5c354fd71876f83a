import { z } from "zod";
import {
  type AgentResponse,
  concurrent,
  createScriptedClient,
  defineAgent,
  defineTool,
  handoff,
  sequential,
} from "../../src/agents/index.ts";
import { defineExecutor, runInProcess, WorkflowBuilder } from "../../src/index.ts";

/** What agents are to the compiler. Each `@ts-expect-error` is a wrong use that must not compile. */

const model = createScriptedClient([]);
const writer = defineAgent({ id: "Writer", instructions: "", model });
const judge = defineAgent({ id: "Judge", instructions: "", model, output: z.object({ score: z.number() }) });
const typed = defineAgent({
  id: "Typed",
  instructions: "",
  model,
  input: z.object({ topic: z.string() }),
  prompt: ({ topic }) => topic.toUpperCase(),
});

const text = defineExecutor({ id: "Text", input: z.string(), output: z.string(), handle: (value) => value });
const topic = defineExecutor({
  id: "Topic",
  input: z.string(),
  output: z.object({ topic: z.string() }),
  handle: (value) => ({ topic: value }),
});
const count = defineExecutor({ id: "Count", input: z.string(), output: z.number(), handle: () => 1 });
const takesScore = defineExecutor({
  id: "TakesScore",
  input: z.object({ output: z.object({ score: z.number() }) }),
  handle: () => undefined,
});

new WorkflowBuilder("Fits", topic).addEdge(topic, typed).addEdge(typed, judge).addEdge(judge, takesScore);
// @ts-expect-error "Count" sends a number, but "Writer" accepts a list or an object or text
new WorkflowBuilder("WrongInput", count).addEdge(count, writer);
// @ts-expect-error "Text" sends text, but "Typed" accepts an object
new WorkflowBuilder("WrongTyped", text).addEdge(text, typed);
// @ts-expect-error "Writer" sends an object, but "Text" accepts text
new WorkflowBuilder("WrongOutput", writer).addEdge(writer, text);
// @ts-expect-error "TakesScore" accepts another type of "output" than "Writer" sends
new WorkflowBuilder("WrongScore", writer).addEdge(writer, takesScore);

export async function outputs(): Promise<void> {
  const scored: AgentResponse<{ score: number }> = await runInProcess(judge, "one").output();
  const said: string = (await runInProcess(writer, "one").output()).output;
  // @ts-expect-error the compiler's own words: the output of an agent follows its schema
  const wrong: string = scored.output;
  // @ts-expect-error the compiler's own words: the input of an agent follows its schema
  runInProcess(typed, "topic");
  console.log(said, wrong);
}

// @ts-expect-error the compiler's own words: an input schema comes with a prompt
defineAgent({ id: "NoPrompt", instructions: "", model, input: z.object({ topic: z.string() }) });

const pay = defineTool({
  name: "pay",
  description: "",
  input: z.object({ euros: z.number() }),
  needsApproval: ({ euros }) => euros > 100,
  run: ({ euros }) => euros,
});
const free = defineTool({ name: "free", description: "", input: z.object({}), run: () => null });
const clerk = defineAgent({ id: "Clerk", instructions: "", model, tools: [pay, free] });

export async function approvals(): Promise<void> {
  const run = runInProcess(clerk, "pay");
  const { request } = await run.nextRequest("approve_pay");
  const euros: number = request.arguments.euros;
  const call: string = request.callId;
  await run.respond("approve_pay", { approved: true, arguments: { euros: 5 } });
  // @ts-expect-error the compiler's own words: an edit has the shape of the tool's arguments
  await run.respond("approve_pay", { approved: true, arguments: { euros: "5" } });
  // @ts-expect-error the compiler's own words: a tool that needs no approval has no port
  await run.nextRequest("approve_free");
  // @ts-expect-error the compiler's own words: nobody is asked to go on unless onLimit is "ask"
  await run.nextRequest("GoOn");
  console.log(euros, call);
}

sequential("Line", [writer, judge]);
handoff("Desk", writer, [{ from: writer, to: [judge] }]);
// @ts-expect-error the compiler's own words: a group is made of agents that read text
sequential("WrongLine", [typed, writer]);
const both = defineExecutor({
  id: "Both",
  input: z.tuple([z.object({ output: z.string() }), z.object({ output: z.object({ score: z.number() }) })]),
  output: z.string(),
  handle: ([one, other]) => `${one.output} ${other.output.score}`,
});
concurrent("Joined", [writer, judge], { aggregator: both });
// @ts-expect-error "Judge, Writer" sends another type than "Both" accepts
concurrent("WrongOrder", [judge, writer], { aggregator: both });
