import type { z } from "zod";
import type { PortTypes } from "../graph/node-types.ts";
import type { Workflow } from "../graph/workflow.ts";
import type { answered } from "../wire/chat.ts";
import type { AgentSpec } from "./agent-spec.ts";
import type { AgentInput } from "./conversation.ts";
import type { ApprovalResponse, limitRequest, limitResponse } from "./loop/messages.ts";
import type { AnyTool } from "./tool.ts";

/** The answer of an agent: what it says, and the conversation up to there. */
export type AgentResponse<Output = string> = z.output<typeof answered> & { output: Output };

/**
 * An executor with a chat model. It is a small workflow of its own: each turn of the model and each call of a tool is a call that is
 * recorded, so a crash repeats one of them at most. Run it as any workflow, or use it as an executor of another.
 */
export interface Agent<Id extends string = string, Input = never, Output = unknown, Ports = unknown>
  extends Workflow<Input, AgentResponse<Output>, Id, Ports> {
  /** What its author wrote. */
  readonly agent: AgentSpec;
}

/**
 * What a group is made of: agents that take text and conversations, and workflows in the part of one.
 */
export type Participant = Workflow<AgentInput, AgentResponse<unknown>, string, unknown, string>;

export type AnyAgent = Agent<string, never, unknown, unknown>;

/** What a person sees of a call that needs approval. */
interface ToolApprovalRequest<Name extends string, Arguments> {
  readonly agent: string;
  readonly tool: Name;
  readonly arguments: Arguments;
  /** Tells two calls apart that are alike. */
  readonly callId: string;
}

type ToolApproval<Arguments> = Omit<ApprovalResponse, "arguments"> & { readonly arguments?: Arguments | undefined };

/** The ports that tools bring along: `approve_{tool}` for each that needs approval. */
export type ApprovalPorts<Tool extends AnyTool> = Tool extends {
  readonly name: infer Name extends string;
  readonly "~tool": { readonly arguments: infer Arguments; readonly needsApproval: true };
}
  ? PortTypes<`approve_${Name}`, ToolApprovalRequest<Name, Arguments>, ToolApproval<Arguments>>
  : never;

/** The port of an agent that asks before it goes beyond its limits. */
export type LimitPort = PortTypes<"GoOn", z.output<typeof limitRequest>, z.input<typeof limitResponse>>;

/** Whether a workflow is an agent. */
export function isAgent<Definition extends object>(
  workflow: Definition,
): workflow is Definition & Pick<AnyAgent, "agent"> {
  return "agent" in workflow;
}
