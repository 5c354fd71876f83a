import { z } from "zod";
import type { Participant } from "./agent.ts";
import type { AnyTool, Tool } from "./tool.ts";

const task = z.object({ task: z.string().min(1).describe("What is to be done, with all it takes to do it.") });

/**
 * Makes an agent a tool of another one. A call of it is a call of the agent in a frame of its own, so its turns, tools and approvals
 * are recorded as ever; its `output` is the result.
 *
 * @param options - `name`: `ask_{agent}` unless set; `description`: tells the model what it is good for, the agent's own unless set
 */
export function agentAsTool<Asked extends Participant, const Name extends string = `ask_${Asked["id"]}`>(
  agent: Asked,
  options: { readonly name?: Name; readonly description?: string } = {},
): Tool<Name, z.input<typeof task>, false> {
  const tool: Omit<AnyTool, "~tool"> = {
    name: options.name ?? `ask_${agent.id}`,
    description: options.description ?? agent.description ?? "",
    input: task,
    approval: undefined,
    agent,
    run: () => {
      throw new TypeError(`Agent "${agent.id}" is called by the graph, and not by its tool.`);
    },
  };
  return Object.freeze(tool) as never;
}
