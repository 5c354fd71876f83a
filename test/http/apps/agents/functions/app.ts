import { z } from "zod";
import {
  agentAsTool,
  asAgent,
  createScriptedClient,
  defineAgent,
  sequential,
} from "../../../../../src/agents/index.ts";
import { serveWorkflows } from "../../../../../src/functions/serve-workflows.ts";
import { defineCatalog, defineExecutor, defineRequestPort, WorkflowBuilder } from "../../../../../src/index.ts";
import { forget } from "../../../../support/agent-parts.ts";
import { gates } from "../../../gates.ts";
import { talk } from "../../../talk-workflow.ts";

const instructions = "You help.";
const lastOf = (messages: readonly { readonly role: string; readonly content?: string }[]) =>
  messages.findLast(({ role }) => role === "user")?.content ?? "";

/** Says how many times it was spoken to; a question "wait NAME" is answered when that gate opens. */
const parrot = defineAgent({
  id: "Parrot",
  description: "Repeats what it hears",
  instructions,
  model: createScriptedClient(async ({ messages }) => {
    const said = lastOf(messages);
    if (said.startsWith("wait ")) await gates.get(said.slice(5)).passed;
    return `${messages.filter(({ role }) => role === "user").length}: ${said}`;
  }),
  retry: { maxAttempts: 1, firstDelayMs: 1 },
});

const clerk = defineAgent({
  id: "Clerk",
  instructions,
  tools: [forget],
  model: createScriptedClient(({ messages }) => {
    const last = messages.at(-1);
    if (last?.role === "tool") return last.isError ? "Nothing was done." : "It is done.";
    return { toolCalls: [{ tool: "forget", arguments: { customer: lastOf(messages) } }] };
  }),
});

const reader = defineAgent({
  id: "Reader",
  instructions,
  output: z.object({ name: z.string() }),
  model: createScriptedClient(({ messages }) => ({ output: { name: lastOf(messages) } })),
});

const broken = defineAgent({
  id: "Broken",
  instructions,
  retry: { maxAttempts: 1, firstDelayMs: 1 },
  model: createScriptedClient(() => Object.assign(new Error("The model is out of order."), { code: "OUT_OF_ORDER" })),
});

/** Thinks until it is told to stop. */
const thinker = defineAgent({
  id: "Thinker",
  instructions,
  model: {
    name: "thinker",
    complete: (_request, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          gates.get("stopped thinking").open();
          reject(signal.reason);
        });
      }),
  },
});

/** A workflow that takes a conversation as agents do, and never answers as they do. */
const takeNote = defineExecutor({
  id: "TakeNote",
  input: z.array(z.looseObject({ content: z.string() })),
  yields: z.unknown(),
  handle: (messages, { yieldOutput }) => {
    if (messages.at(-1)?.content === "odd") yieldOutput({ answer: 42 });
  },
});
const diary = new WorkflowBuilder("Diary", takeNote).build();

const greet = defineExecutor({ id: "Greet", input: z.string(), output: z.string(), handle: (name) => `Hello ${name}` });
const greeting = new WorkflowBuilder("Greeting", greet).build();

/** A workflow that asks a person, in the part of an agent: by itself, as a tool, and in a group. */
const sign = defineRequestPort({ id: "Sign", request: z.string(), response: z.string() });
const seal = defineExecutor({
  id: "Seal",
  input: z.string(),
  output: z.object({ signedBy: z.string() }),
  handle: (name) => ({ signedBy: name }),
});
const signing = new WorkflowBuilder("Signing", sign).addEdge(sign, seal).withOutputFrom(seal).build();
const notary = asAgent(signing, {
  id: "Notary",
  description: "Has papers signed",
  toText: ({ signedBy }) => `Signed by ${signedBy}.`,
});
const secretary = defineAgent({
  id: "Secretary",
  instructions,
  tools: [agentAsTool(notary)],
  model: createScriptedClient(({ messages }) => {
    const last = messages.at(-1);
    if (last?.role === "tool") return `The notary says ${JSON.stringify(last.result)}`;
    return { toolCalls: [{ tool: "ask_Notary", arguments: { task: lastOf(messages) } }] };
  }),
});
const office = sequential("Office", [notary, parrot]);

serveWorkflows({
  catalog: defineCatalog([greeting, talk, office]),
  agents: [parrot, clerk, reader, broken, notary, secretary, thinker, diary],
  mcp: { tools: [greeting, parrot, clerk, reader, broken, notary, diary], mayRespond: true },
});
