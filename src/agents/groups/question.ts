import { defineExecutor } from "../../graph/executor.ts";
import { conversation } from "../../wire/chat.ts";
import { agentInput, messagesOf, referenceOf, withIds } from "../conversation.ts";

/** The start of a group that alone takes what comes from outside: text and all else as one conversation. */
export function questionAs<const Id extends string>(id: Id) {
  return defineExecutor({
    id,
    input: agentInput,
    output: conversation,
    handle: (input, { callKey }) => {
      const reference = referenceOf(input);
      return { messages: withIds(messagesOf(input), callKey), ...(reference !== undefined && { reference }) };
    },
  });
}
