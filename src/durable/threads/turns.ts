import type { z } from "zod";
import { errorOf } from "../../engine/draft.ts";
import { checkRunInput } from "../../engine/invoke/check-value.ts";
import { isWorkflowError, WorkflowError } from "../../errors.ts";
import type { WorkflowNode } from "../../graph/runtime.ts";
import { pollUntil, systemClock, type WaitClock } from "../../remote/poll.ts";
import { answered, type ChatMessage } from "../../wire/chat.ts";
import { orchestratorName, threadEntityName, turnOrchestratorName } from "../../wire/durable-names.ts";
import { canonicalJson, sha256 } from "../../wire/json.ts";
import { randomHex } from "../../wire/random-hex.ts";
import { checkRunId, isRunId, makeRunId } from "../../wire/run-id.ts";
import type { GenerationLimits } from "../../wire/run-start.ts";
import type { RunPage, RunStatus } from "../../wire/status.ts";
import { type TurnStart, turnResult, turnStart } from "../../wire/turn-start.ts";
import { getRun } from "../client.ts";
import { hasEnded, noPlan } from "../found-run.ts";
import { cancelRun } from "../respond.ts";
import { type ListedRun, listRuns, type RunQuery } from "../run-list.ts";
import { summaryOf } from "../run-status.ts";
import type { Instance, Instances } from "../sdk.ts";

/** A turn is an orchestration beside the run of its agent, under the run's id with this before it. */
const PREFIX = "turn.";

export function turnIdOf(runId: string): string {
  return `${PREFIX}${runId}`;
}

/** The run that a turn is taken with. */
export function runIdOf(turnId: string): string {
  return turnId.slice(PREFIX.length);
}

const startedWith = turnStart
  .pick({ threadId: true, inputHash: true })
  .extend({ plan: turnStart.shape.plan.pick({ fingerprint: true, executors: true }) });

export interface TurnRequest {
  readonly threadId: string;
  /** What is said in this turn. */
  readonly messages: readonly ChatMessage[];
  /** A random one is made without it. */
  readonly runId?: string;
  /** How long the thread is kept after this turn, in milliseconds. */
  readonly ttlMs: number;
  /** How much one generation of the run holds. */
  readonly generationLimits?: GenerationLimits | undefined;
}

/** How a turn is going. */
export interface Turn {
  readonly threadId: string;
  /** The run of the agent; it is pending until the thread is free. */
  readonly run: RunStatus;
  /** Whether the run is there; until then the turn waits for its thread. */
  readonly hasBegun: boolean;
  /** Whether all is done: the answer is part of the conversation, or the turn has come to nothing. */
  readonly isOver: boolean;
}

/**
 * Starts a turn in a thread: a run of the agent with the conversation so far and these messages, once the turns before it
 * are over. The same id with the same messages in the same thread is the same turn.
 *
 * @returns the id of the agent's run
 * @throws {WorkflowError} `RUN_ID_INVALID`, `RUN_INPUT_INVALID` for an agent that does not take messages, `RUN_EXISTS`
 */
export async function startTurn(instances: Instances, agent: WorkflowNode, request: TurnRequest): Promise<string> {
  const runId = request.runId === undefined ? makeRunId() : checkRunId(request.runId);
  const turnId = checkRunId(turnIdOf(runId));
  await checkRunInput(agent, request.messages);
  const start = startOf(agent, runId, request);
  if (request.runId !== undefined && (await isThere(instances, agent, start))) return runId;
  try {
    await instances.start(turnOrchestratorName(agent.name), turnId, start);
  } catch (error) {
    if (!(await isThere(instances, agent, start))) throw error;
  }
  return runId;
}

function startOf({ name, plan }: WorkflowNode, runId: string, request: TurnRequest): TurnStart {
  const { threadId, messages, ttlMs, generationLimits } = request;
  return {
    format: 1,
    agent: name,
    threadId,
    runId,
    plan,
    messages: [...messages],
    inputHash: sha256(canonicalJson({ threadId, messages })),
    seed: randomHex(),
    ttlMs,
    asked: 0,
    freesLost: true,
    ...(generationLimits && { generationLimits }),
  };
}

/** True for this very turn; false when the id is free. */
async function isThere(instances: Instances, agent: WorkflowNode, { runId, inputHash }: TurnStart): Promise<boolean> {
  // The id may also be that of a run that was started without a thread.
  const [turn, run] = await Promise.all([instances.read(turnIdOf(runId), { withInput: true }), instances.read(runId)]);
  if (!turn && !run) return false;
  if (turn && isTurnOf(agent, turn) && startedWith.safeParse(turn.input).data?.inputHash === inputHash) return true;
  throw new WorkflowError(
    "RUN_EXISTS",
    `There is a run ${JSON.stringify(runId)} already, with another message, in another thread, or of another agent.`,
    "Choose another id, or send the same message to the same thread to get the run that exists.",
  );
}

function isTurnOf(agent: WorkflowNode, { name }: Instance): boolean {
  return name.toLowerCase() === turnOrchestratorName(agent.name).toLowerCase();
}

/**
 * How a turn is going.
 *
 * @throws {WorkflowError} `RUN_NOT_FOUND`, the same for an unknown run and for one of another agent; `PLAN_INVALID` for a turn
 *   that another program started
 */
export async function readTurn(instances: Instances, agent: WorkflowNode, runId: string): Promise<Turn> {
  // Read in this order: a turn that is over by now has a run that has ended.
  const turn = isRunId(turnIdOf(runId)) ? await instances.read(turnIdOf(runId), { withInput: true }) : undefined;
  if (!turn || !isTurnOf(agent, turn)) throw unknownTurn(agent, runId);
  const start = startedWith.safeParse(turn.input);
  if (!start.success) throw noPlan(runId, start.error);
  const { threadId, plan } = start.data;
  const run = await runOf(instances, agent, runId);
  return {
    threadId,
    run: run ? withAnswer(run) : pendingRun(agent, runId, plan, turn),
    hasBegun: run !== undefined,
    isOver: hasEnded(turn),
  };
}

async function runOf(instances: Instances, agent: WorkflowNode, runId: string): Promise<RunStatus | undefined> {
  try {
    return await getRun(instances, agent, runId);
  } catch (error) {
    if (isWorkflowError(error) && error.code === "RUN_NOT_FOUND") return undefined;
    throw error;
  }
}

/** An agent that is a workflow may complete without an answer: then the turn has failed, and nothing is kept of it. */
function withAnswer(run: RunStatus): RunStatus {
  if (run.status !== "Completed" || answered.safeParse(run.output).success) return run;
  const gave = run.output === null ? "without an output" : "with an output that is no answer of an agent";
  const error = errorOf(
    "AGENT_WITHOUT_ANSWER",
    `Workflow "${run.workflow}" ended ${gave}, and it is served as an agent.`,
    "Let every way through it end in an agent, or serve what asAgent makes of it.",
  );
  return { ...run, status: "Failed", output: null, outputs: [], error };
}

/** The turn has not come to its run: it waits for its thread, or it was ended before. */
function pendingRun(
  { name }: WorkflowNode,
  runId: string,
  plan: z.infer<typeof startedWith>["plan"],
  turn: Instance,
): RunStatus {
  const isCancelled = turnResult.safeParse(turn.output).data?.isCancelled ?? false;
  const isLost = hasEnded(turn) && !isCancelled;
  const message = `The turn was ended from outside before its run began: ${String(turn.output ?? "no reason was given")}`;
  return {
    runId,
    workflow: name,
    version: plan.fingerprint,
    status: isCancelled ? "Cancelled" : isLost ? "Terminated" : "Pending",
    createdAt: new Date(turn.createdTime).toISOString(),
    updatedAt: new Date(turn.lastUpdatedTime).toISOString(),
    superstep: 0,
    executors: plan.executors.map(({ id }) => ({ id, status: "idle", calls: 0 })),
    waitingForInput: [],
    output: null,
    outputs: [],
    error: isLost
      ? { name: "WorkflowError", code: "RUN_TERMINATED", message, retryable: false, causes: [], issues: [] }
      : null,
  };
}

/**
 * The runs of an agent, those included that wait for their thread, as {@link listRuns} lists those of a workflow.
 *
 * @throws {WorkflowError} `PARAMETER_INVALID` for a cursor that is none
 */
export function listTurns(instances: Instances, agent: WorkflowNode, query: RunQuery, nowMs: number): Promise<RunPage> {
  return listRuns(instances, agent, query, nowMs, async (listed) => {
    const open = listed.filter((one) => isTurnOf(agent, one) && !hasEnded(one));
    const waiting = await Promise.all(open.map((turn) => waitingRun(instances, agent, turn, nowMs)));
    return waiting.filter((run) => run !== undefined);
  });
}

/** Hosts have clocks of their own, and cut times to the second. */
const CLOCKS_APART_MS = 5_000;

/** @returns undefined for a turn that had come to its run before the list was read: that is listed by itself */
async function waitingRun(
  instances: Instances,
  agent: WorkflowNode,
  turn: Instance,
  listedAtMs: number,
): Promise<ListedRun | undefined> {
  const runId = runIdOf(turn.instanceId);
  const placedAtMs = Date.parse(turn.createdTime);
  // Read in this order: a turn that is over by now has a run, unless it has come to nothing.
  const read = await instances.read(turn.instanceId, { withInput: true });
  const run = await instances.read(runId);
  if (run) {
    // It may have begun behind the back of the list, which has neither of the two then.
    const isNew = isRunOf(agent, run) && Date.parse(run.createdTime) >= listedAtMs - CLOCKS_APART_MS;
    return isNew ? { run: summaryOf(agent.name, run), placedAtMs } : undefined;
  }
  // Another program may have started something under such an id: that is no turn.
  const start = read && !hasEnded(read) ? startedWith.safeParse(read.input).data : undefined;
  if (!read || !start) return undefined;
  const { workflow, version, status, updatedAt, superstep } = pendingRun(agent, runId, start.plan, read);
  const createdAt = new Date(placedAtMs).toISOString();
  return { run: { runId, workflow, version, status, createdAt, updatedAt, superstep, openRequests: 0 }, placedAtMs };
}

function isRunOf(agent: WorkflowNode, { name }: Instance): boolean {
  return name.toLowerCase() === orchestratorName(agent.name).toLowerCase();
}

function unknownTurn({ name }: WorkflowNode, runId: string): WorkflowError {
  return new WorkflowError(
    "RUN_NOT_FOUND",
    `Agent "${name}" has no run ${JSON.stringify(runId)}.`,
    "Check the id and the agent; runs of other agents are not shown.",
  );
}

/** A turn that is about to begin has left the queue and has no run yet: that lasts for an episode or two. */
const BETWEEN_MS = 5_000;

/**
 * Asks a turn to end: its run at the next superstep boundary, or, while it waits for its thread, the turn itself.
 *
 * @throws {WorkflowError} `RUN_NOT_FOUND`, `RUN_ENDED`
 */
export async function cancelTurn(
  instances: Instances,
  agent: WorkflowNode,
  runId: string,
  reason?: string,
  clock: WaitClock = systemClock,
): Promise<void> {
  let wasAsked = false;
  const ask = async (): Promise<boolean> => {
    const { threadId, hasBegun, isOver } = await readTurn(instances, agent, runId);
    if (isOver && !wasAsked) throw endedTurn(agent, runId);
    if (isOver) return true;
    if (hasBegun) {
      await cancelRun(instances, agent, runId, reason);
      return true;
    }
    if (!wasAsked) await instances.signalEntity(threadEntityName(agent.name), threadId, "cancel", { runId });
    wasAsked = true;
    return false;
  };
  await pollUntil(ask, (isDone) => isDone, BETWEEN_MS, clock);
}

function endedTurn({ name }: WorkflowNode, runId: string): WorkflowError {
  return new WorkflowError(
    "RUN_ENDED",
    `Run ${JSON.stringify(runId)} of agent "${name}" has ended, so it takes nothing in any more.`,
    "Read its status, or say something new to the agent.",
  );
}
