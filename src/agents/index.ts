export type { ChatMessage, Conversation, ToolCall } from "../wire/chat.ts";
export type { TokenUsage } from "../wire/usage.ts";
export { type Agent, type AgentResponse, isAgent, type Participant } from "./agent.ts";
export { agentAsTool } from "./agent-as-tool.ts";
export type { AgentSpec, Instructions } from "./agent-spec.ts";
export { asAgent } from "./as-agent.ts";
export type { ChatClient, ChatOptions, ChatReply, ChatRequest, ChatSettings, ChatTool } from "./chat-client.ts";
export { type AgentInput, agentInput, agentResponse } from "./conversation.ts";
export { defineAgent } from "./define-agent.ts";
export { concurrent } from "./groups/concurrent.ts";
export {
  type GroupChatManager,
  type GroupChatResult,
  type GroupChatSoFar,
  groupChat,
  nextSpeaker,
  roundRobin,
} from "./groups/group-chat.ts";
export { type Handoff, handoff } from "./groups/handoff.ts";
export { sequential } from "./groups/sequential.ts";
export { modelError } from "./model-error.ts";
export { createScriptedClient, type Script, type ScriptedAnswer, type ScriptedClient } from "./models/scripted.ts";
export { defineTool, type Tool, type ToolContext } from "./tool.ts";
