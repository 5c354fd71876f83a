import { z } from "zod";
import { type ChatRequest, defineTool } from "../../src/agents/index.ts";

/** What the agents of several tests are made of. */

export const forget = defineTool({
  name: "forget",
  description: "Deletes a customer",
  input: z.object({ customer: z.string() }),
  needsApproval: true,
  run: ({ customer }) => ({ deleted: customer }),
});

export const wipe = defineTool({
  name: "wipe",
  description: "Deletes a file",
  input: z.object({ file: z.string() }),
  needsApproval: true,
  run: ({ file }) => `${file} is gone`,
});

/** The last message of a question to a model. */
export function lastOf({ messages }: Pick<ChatRequest, "messages">): ChatRequest["messages"][number] | undefined {
  return messages.at(-1);
}
