import { z } from "zod";
import { WorkflowError } from "../../errors.ts";
import { defineExecutor } from "../../graph/executor.ts";
import type { PortsOf } from "../../graph/node-types.ts";
import type { GraphNode, HandlerContext } from "../../graph/runtime.ts";
import { defineState } from "../../graph/state.ts";
import type { Workflow } from "../../graph/workflow.ts";
import { answered, type ChatMessage, chatMessage, conversation } from "../../wire/chat.ts";
import type { Agent, Participant } from "../agent.ts";
import type { AgentInput } from "../conversation.ts";
import { edge, type GroupOptions, graphOf } from "../graph-of.ts";
import { checkLimit, checkMembers } from "./names.ts";
import { questionAs } from "./question.ts";

/** A group chat as its manager sees it. */
export interface GroupChatSoFar {
  readonly messages: readonly ChatMessage[];
  /** Answers so far. */
  readonly rounds: number;
  /** Ids of the agents, in their order. */
  readonly participants: readonly string[];
  /** Who spoke last; undefined before the first round. */
  readonly lastSpeaker: string | undefined;
}

/** Says who speaks next by id, or null to end the chat. */
export type GroupChatManager = (chat: GroupChatSoFar) => string | null | Promise<string | null>;

/** An agent whose answer says who speaks next. */
export type ManagerAgent = Agent<string, AgentInput, { next: string | null }, unknown>;

/** The `output` of an agent that manages a group chat. */
export const nextSpeaker = z.object({
  next: z
    .string()
    .nullable()
    .describe("Name of the participant that speaks next; null when the conversation has come to its end."),
});

/** How a group chat ended. */
const groupChatResult = z.object({
  messages: z.array(chatMessage),
  rounds: z.int(),
  /** The last words. */
  text: z.string(),
  endedBy: z.enum(["manager", "until", "maxRounds"]),
});
export type GroupChatResult = z.output<typeof groupChatResult>;

interface GroupChatOptions<Manager> extends GroupOptions {
  /** `roundRobin` unless set: a function, or an agent with the output schema `nextSpeaker`. */
  readonly manager?: Manager;
  /** Ends the chat when it holds; asked after each answer, and may be async. */
  readonly until?: (chat: GroupChatSoFar) => boolean | Promise<boolean>;
  /** Answers after which the chat ends at the latest. */
  readonly maxRounds: number;
}

/** One after the other, and then again from the first one. */
export const roundRobin: GroupChatManager = ({ rounds, participants }) =>
  participants[rounds % participants.length] ?? null;

/**
 * Agents that talk in one conversation: a manager says who speaks next, until it or a condition ends the chat, or its rounds are used
 * up. The output says which of them it was.
 *
 * @throws {WorkflowError} `AGENT_INVALID` for no participants, or a limit below 1
 */
export function groupChat<
  const Name extends string,
  const Participants extends readonly [Participant, ...Participant[]],
  Manager extends GroupChatManager | ManagerAgent = GroupChatManager,
>(
  name: Name,
  participants: Participants,
  options: GroupChatOptions<Manager>,
): Workflow<
  AgentInput,
  GroupChatResult,
  Name,
  PortsOf<Participants[number]> | (Manager extends ManagerAgent ? PortsOf<Manager> : never)
> {
  checkMembers(name, participants);
  checkLimit(name, "maxRounds", options.maxRounds);
  const { manager = roundRobin } = options;
  const isAgent = typeof manager === "object";
  const moderator = moderatorOf(
    name,
    participants.map(({ id }) => id),
    { ...options, manager },
  );
  const speakers: GraphNode[] = isAgent ? [...participants, manager] : [...participants];
  const edges = [edge(open, moderator), ...speakers.flatMap((one) => [edge(moderator, one), edge(one, moderator)])];
  return graphOf(name, open, edges, [moderator], options) as never;
}

const open = questionAs("Open");

const chat = z.object({ messages: z.array(chatMessage), rounds: z.int(), lastSpeaker: z.string().optional() });
type Chat = z.output<typeof chat>;
const chatKey = defineState({ name: "chat", schema: chat, initial: { messages: [], rounds: 0 } });

const heard = z.union([answered.extend({ output: z.unknown() }), conversation]);

function moderatorOf(
  workflow: string,
  participants: readonly string[],
  options: GroupChatOptions<GroupChatManager | ManagerAgent> & { readonly manager: GroupChatManager | ManagerAgent },
): GraphNode {
  const { manager, until, maxRounds } = options;
  const managerId = typeof manager === "object" ? manager.id : undefined;
  return defineExecutor({
    id: "Moderator",
    input: heard,
    sends: conversation,
    yields: groupChatResult,
    state: { writes: [chatKey] },
    async handle(message, context) {
      const before = context.state.get(chatKey);
      const send = (to: string, messages: readonly ChatMessage[]) =>
        (context as unknown as HandlerContext).sendMessage({ messages }, { to: { id: to } });
      const end = ({ messages, rounds }: Chat, endedBy: GroupChatResult["endedBy"]) =>
        context.yieldOutput({ messages, rounds, text: lastWords(messages), endedBy });
      const giveFloor = (now: Chat, next: string | null) => {
        if (next === null) return end(now, "manager");
        if (!participants.includes(next)) throw notThere(workflow, next, participants);
        send(next, now.messages);
      };
      if (managerId !== undefined && "output" in message && message.agent === managerId) {
        return giveFloor(before, (message.output as z.output<typeof nextSpeaker>).next);
      }
      const now = withAnswer(before, message);
      context.state.set(chatKey, now);
      const shown: GroupChatSoFar = { ...now, lastSpeaker: now.lastSpeaker, participants };
      if (now.rounds > 0 && (await until?.(shown))) return end(now, "until");
      if (now.rounds >= maxRounds) return end(now, "maxRounds");
      if (typeof manager === "function") return giveFloor(now, await manager(shown));
      send(manager.id, [...now.messages, { role: "user", content: whoIsNext(participants) }]);
    },
  });
}

function withAnswer({ rounds }: Chat, message: z.output<typeof heard>): Chat {
  if (!("output" in message)) return { messages: message.messages, rounds };
  return { messages: message.messages, rounds: rounds + 1, lastSpeaker: message.agent };
}

function lastWords(messages: readonly ChatMessage[]): string {
  const last = messages.at(-1);
  return last && last.role !== "tool" ? last.content : "";
}

function whoIsNext(participants: readonly string[]): string {
  return `Who speaks next? The participants are: ${participants.join(", ")}.`;
}

function notThere(workflow: string, next: string, participants: readonly string[]): WorkflowError {
  return new WorkflowError(
    "SELECTION_INVALID",
    `The manager of group chat "${workflow}" gives the floor to ${JSON.stringify(next)}, who is not there.`,
    `The participants are ${participants.join(", ")}.`,
  );
}
