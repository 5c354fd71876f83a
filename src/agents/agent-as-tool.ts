import { z } from "zod";
import { WorkflowError } from "../errors.ts";
import { type OutputSchema, outputSchemas } from "../graph/contract.ts";
import type { JsonSchema } from "../graph/schema.ts";
import type { answered } from "../wire/chat.ts";
import type { Participant } from "./agent.ts";
import { withSureAnswer } from "./sure-answer.ts";
import type { AnyTool, Tool } from "./tool.ts";

const task = z.object({ task: z.string().min(1).describe("What is to be done, with all it takes to do it.") });

/**
 * Makes an agent a tool of another one. A call of it is a call of the agent in a frame of its own, so its turns, tools and approvals
 * are recorded as ever; its `output` is the result.
 *
 * An agent with a session remembers the earlier calls of the agent whose tool it is, until that has answered, and no longer.
 *
 * @param options - `name`: `ask_{agent}` unless set; `description`: tells the model what it is good for, the agent's own unless set
 * @throws {WorkflowError} `AGENT_INVALID` for a workflow that does not end in the answer of an agent: a group chat, agents at the same
 *   time without an aggregator
 */
export function agentAsTool<Asked extends Participant, const Name extends string = `ask_${Asked["id"]}`>(
  agent: Asked,
  options: { readonly name?: Name; readonly description?: string } = {},
): Tool<Name, z.input<typeof task>, false> {
  checkAnswer(agent);
  const tool: Omit<AnyTool, "~tool"> = {
    name: options.name ?? `ask_${agent.id}`,
    description: options.description ?? agent.description ?? "",
    input: task,
    approval: undefined,
    ...askedAs(agent),
    run: () => {
      throw new TypeError(`Agent "${agent.id}" is called by the graph, and not by its tool.`);
    },
  };
  return Object.freeze(tool) as never;
}

function askedAs(agent: Participant): Pick<AnyTool, "agent" | "asked"> {
  const sure = withSureAnswer(agent);
  return sure === agent ? { agent } : { agent: sure, asked: agent };
}

/** @throws {WorkflowError} `AGENT_INVALID` */
function checkAnswer(agent: Participant): void {
  const wrong = outputSchemas(agent).find(({ schema = {} }) => !mayBeAnswer(schema));
  if (!wrong) return;
  throw new WorkflowError(
    "AGENT_INVALID",
    `Workflow "${agent.id}" cannot be a tool: ${whatIsWrong(wrong)}.`,
    "Let it end in one agent, as the aggregator of concurrent does, or make an agent of it with asAgent.",
  );
}

/** What a tool needs of an answer. */
const MEMBERS = ["agent", "text", "messages"] as const satisfies readonly (keyof typeof answered.shape)[];

/** Whether values of a schema may be answers of an agent; what it leaves open may be one. */
function mayBeAnswer({ type, anyOf, properties, additionalProperties }: JsonSchema): boolean {
  if (Array.isArray(anyOf)) return anyOf.some(mayBeAnswer);
  if (type !== undefined && ![type].flat().includes("object")) return false;
  const isOpen = additionalProperties !== undefined && additionalProperties !== false;
  return properties === undefined || isOpen || MEMBERS.every((name) => Object.hasOwn(properties as object, name));
}

function whatIsWrong({ executorId, schema }: OutputSchema): string {
  const types = [schema?.type ?? []].flat();
  const given = types.includes("object") ? "an object of another shape" : types.join(" or ") || "something else";
  return `its executor "${executorId}" gives ${given}, and no answer of an agent`;
}
