import { z } from "zod";
import { WorkflowError } from "../errors.ts";
import type { DraftEdge } from "../graph/draft.ts";
import type { ExecutorNode, PortNode, WorkflowNode } from "../graph/runtime.ts";
import type { AnySchema } from "../graph/schema-types.ts";
import { answered } from "../wire/chat.ts";
import type { AnyAgent } from "./agent.ts";
import type { AgentSpec } from "./agent-spec.ts";
import { edge, errorEdge, graphOf } from "./graph-of.ts";
import { limitRequest, limitResponse } from "./loop/messages.ts";
import { ids } from "./loop/parts.ts";
import { answerTaken, approvalPort, toolExecutor, toolFailed } from "./loop/tools.ts";
import { firstTurn, nextTurn } from "./loop/turn.ts";
import { withMember } from "./with-member.ts";

/** Compiles an agent to its graph. One without tools and schemas has a single executor. */
export function agentGraph(spec: AgentSpec): WorkflowNode & Pick<AnyAgent, "agent"> {
  checkSpec(spec);
  const edges = edgesOf(spec);
  const { turn, next } = edges;
  const workflow = graphOf(spec.id, turn, edges.all, next ? [turn, next] : [turn], spec);
  const asked = spec.tools.flatMap((tool) => (tool.asked ? [tool.asked] : []));
  const former = asked.length > 0 && { former: new Map(asked.map((inner) => [inner.id, inner])) };
  return Object.freeze({ ...workflow, ...former, agent: spec });
}

/** The schema of what an agent answers. One that hands over answers without an output of its schema. */
function responseSchema({ output, handoffs }: AgentSpec): AnySchema {
  return withMember(answered, { name: "output", schema: output ?? z.string(), isOptional: handoffs.length > 0 });
}

interface AgentEdges {
  readonly turn: ExecutorNode;
  readonly next: ExecutorNode | undefined;
  readonly all: readonly DraftEdge[];
}

function edgesOf(spec: AgentSpec): AgentEdges {
  const schemas = { response: responseSchema(spec) };
  const hasNext = spec.tools.length > 0 || spec.output !== undefined;
  const turn = firstTurn(spec, schemas, hasNext);
  if (!hasNext) return { turn, next: undefined, all: [] };
  const next = nextTurn(spec, schemas);
  const again = [edge(turn, next), edge(next, next)];
  return { turn, next, all: [...again, ...toolEdges(spec, turn, next), ...limitEdges(spec, turn, next)] };
}

function toolEdges(spec: AgentSpec, turn: ExecutorNode, next: ExecutorNode): DraftEdge[] {
  if (spec.tools.length === 0) return [];
  const failed = toolFailed(spec);
  const perTool = spec.tools.flatMap((definition) => {
    const tool = toolExecutor(spec, definition);
    const asked = definition.approval ? approvalEdges(approvalPort(definition), tool, turn, next) : [];
    const inner = definition.agent ? agentEdges(definition.agent, tool, next, failed) : [];
    return [edge(turn, tool), edge(next, tool), edge(tool, next), errorEdge(tool, failed), ...asked, ...inner];
  });
  return [...perTool, edge(failed, next)];
}

function approvalEdges(port: PortNode, tool: ExecutorNode, turn: ExecutorNode, next: ExecutorNode): DraftEdge[] {
  return [edge(turn, port), edge(next, port), edge(port, tool)];
}

/** An agent as a tool: the tool hands the task over, and its answer is taken for the tool's result. */
function agentEdges(agent: WorkflowNode, tool: ExecutorNode, next: ExecutorNode, failed: ExecutorNode): DraftEdge[] {
  const taken = answerTaken(tool.id);
  const errors = [errorEdge(agent, failed), errorEdge(taken, failed)];
  return [edge(tool, agent), edge(agent, taken), edge(taken, next), ...errors];
}

function limitEdges({ onLimit }: AgentSpec, turn: ExecutorNode, next: ExecutorNode): DraftEdge[] {
  if (onLimit === "fail") return [];
  const port: PortNode = Object.freeze({
    kind: "port",
    id: ids.goOn,
    request: limitRequest,
    response: limitResponse,
    sends: "requestAndResponse",
    timeout: undefined,
  });
  return [edge(turn, port), edge(next, port), edge(port, next)];
}

const TOOL_NAME = /^[A-Za-z][A-Za-z0-9_]{0,38}$/;

/** @throws {WorkflowError} `AGENT_INVALID` */
function checkSpec({ id, tools, maxTurns, maxTokens }: AgentSpec): void {
  const reserved = [ids.turn, ids.nextTurn, ids.toolFailed, ids.goOn].map((name) => name.toLowerCase());
  const seen = new Set(reserved);
  for (const { name } of tools) {
    if (!TOOL_NAME.test(name)) throw invalid(id, `has a tool named ${JSON.stringify(name)}`, NAME_IT);
    if (name.toLowerCase().startsWith("handoff_to_")) throw invalid(id, `has a tool named "${name}"`, NAME_IT);
    if (seen.has(name.toLowerCase())) throw invalid(id, `has a second executor named "${name}"`, NAME_IT);
    seen.add(name.toLowerCase());
  }
  const isCount = (limit: number) => Number.isInteger(limit) && limit > 0;
  if (isCount(maxTurns) && (maxTokens === null || isCount(maxTokens))) return;
  throw invalid(id, `has the limits ${JSON.stringify({ maxTurns, maxTokens })}`, "Give whole numbers of 1 or more.");
}

const NAME_IT =
  "Name tools with a letter, then up to 38 letters, digits or underscores, each otherwise, and not Turn, NextTurn, ToolFailed, GoOn or handoff_to_….";

function invalid(id: string, whatIsWrong: string, whatToDo: string): WorkflowError {
  return new WorkflowError("AGENT_INVALID", `Agent "${id}" ${whatIsWrong}.`, whatToDo);
}
