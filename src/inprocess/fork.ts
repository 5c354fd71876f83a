import { type ForkChanges, forkState } from "../engine/fork.ts";
import { jsonTextOf } from "../engine/invoke/json-text.ts";
import { check, misfit } from "../engine/invoke/validate.ts";
import { WorkflowError } from "../errors.ts";
import { inputOf, workflowAt } from "../graph/nested.ts";
import type { StateKeyNode, WorkflowNode } from "../graph/runtime.ts";
import { canonicalJson, type JsonText, parseJson, sha256 } from "../wire/json.ts";
import type { RunState } from "../wire/run-state.ts";
import type { RecordedRun } from "./recorded-run.ts";
import { foldTrace } from "./run-fold.ts";

export interface ForkOptions {
  /** The first superstep that the fork runs itself: from 1 to the last one that the run began, or would begin next. */
  readonly atSuperstep: number;
  /** In place of the one message that this superstep delivers; for superstep 1 that is the input of the run. */
  readonly input?: unknown;
  /** State values by the name of their key; keys that are not named keep the value they had. */
  readonly state?: Readonly<Record<string, unknown>>;
  /** 1 to 100 characters; a random one is made without it. */
  readonly runId?: string;
}

/**
 * The state a run had before one of its supersteps.
 *
 * @throws {WorkflowError} `FORK_INVALID` when it never came there
 */
export function stateBefore({ plan, begun, trace }: RecordedRun, superstep: number): RunState {
  let found: RunState | undefined;
  const onSuperstep = (before: RunState) => {
    if (before.superstep === superstep - 1) found = before;
  };
  const { state } = foldTrace(plan, begun, trace, { onSuperstep });
  const isNext = state.status === "running" && state.inFlight.length === 0 && state.superstep === superstep - 1;
  const before = found ?? (isNext ? state : undefined);
  if (before?.ending) {
    throw new WorkflowError(
      "FORK_INVALID",
      `Run "${state.runId}" cannot be forked at superstep ${superstep}: it was undoing by then what it had done.`,
      "Fork at a superstep before that.",
    );
  }
  if (before) return before;
  throw new WorkflowError(
    "FORK_INVALID",
    `Run "${state.runId}" cannot be forked at superstep ${superstep}: it began ${state.superstep}.`,
    "Read its events for the supersteps it has.",
  );
}

/**
 * The state of the fork, with its changes held to the schemas of the deployed code.
 *
 * @throws {WorkflowError} `RUN_INPUT_INVALID`, `STATE_VALUE_INVALID`, `VALUE_NOT_JSON`, `FORK_INVALID`
 */
export async function changedState(
  workflow: WorkflowNode,
  before: RunState,
  run: Pick<ForkChanges, "runId" | "seed" | "startedAtMs">,
  { input, state = {} }: ForkOptions,
): Promise<RunState> {
  const messageJson = input === undefined ? undefined : await messageFor(workflow, before, input);
  const isInput = messageJson !== undefined && before.superstep === 0;
  const inputHash = isInput ? sha256(canonicalJson(parseJson(messageJson))) : before.inputHash;
  return forkState(before, { ...run, inputHash, messageJson, values: await valuesFor(workflow, state) });
}

async function messageFor(workflow: WorkflowNode, { queue, superstep }: RunState, input: unknown): Promise<JsonText> {
  const [message, ...others] = queue;
  if (message?.kind !== "message" || others.length > 0) {
    throw new WorkflowError(
      "FORK_INVALID",
      `Superstep ${superstep + 1} delivers ${queue.length} messages and responses, so "input" has no one message to replace.`,
      "Fork at a superstep that delivers one message, or change the state.",
    );
  }
  const what = `The input for executor "${message.to}"`;
  const valueJson = jsonTextOf(input, what);
  const node = workflowAt(workflow, message.frame)?.nodes.get(message.to);
  const schema = node && inputOf(node);
  const checked = schema && (await check(schema, JSON.parse(valueJson)));
  if (!checked || checked.isValid) return valueJson;
  throw misfit("RUN_INPUT_INVALID", what, checked.issues, "Send what its schema describes.");
}

async function valuesFor(
  workflow: WorkflowNode,
  values: Readonly<Record<string, unknown>>,
): Promise<Record<string, JsonText>> {
  const texts: Record<string, JsonText> = {};
  for (const [name, value] of Object.entries(values)) texts[name] = await valueFor(workflow, name, value);
  return texts;
}

async function valueFor(workflow: WorkflowNode, name: string, value: unknown): Promise<JsonText> {
  const declared = workflow.plan.state.map((key) => key.name);
  if (!declared.includes(name)) {
    throw new WorkflowError(
      "FORK_INVALID",
      `The run has no state key "${name}".`,
      declared.length === 0 ? "Its plan declares no state." : `Its plan declares ${declared.join(", ")}.`,
    );
  }
  const what = `The value for the state key "${name}"`;
  const key = stateKeyOf(workflow, name);
  const checked = key && (await check(key.schema, value));
  if (!checked) return jsonTextOf(value, what);
  if (checked.isValid) return jsonTextOf(checked.value, what);
  throw misfit("STATE_VALUE_INVALID", what, checked.issues, "Send what its schema describes.");
}

/** Undefined when the deployed code does not declare the key any more. */
function stateKeyOf({ nodes }: WorkflowNode, name: string): StateKeyNode | undefined {
  const executors = [...nodes.values()].filter((node) => node.kind === "executor");
  return executors.flatMap(({ state }) => [...state.reads, ...state.writes]).find((key) => key.name === name);
}
