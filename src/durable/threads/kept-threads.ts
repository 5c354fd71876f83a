import { WorkflowError } from "../../errors.ts";
import type { WorkflowNode } from "../../graph/runtime.ts";
import { type AgentThread, agentThread } from "../../wire/agent-thread.ts";
import { threadEntityName } from "../../wire/durable-names.ts";
import { hasEnded } from "../found-run.ts";
import type { Instances } from "../sdk.ts";
import { hasExpired, isBusy, stillAsking, withoutLost } from "./thread.ts";
import { turnIdOf } from "./turns.ts";

/**
 * The conversation of a thread.
 *
 * @throws {WorkflowError} `THREAD_NOT_FOUND`, also for a thread whose time is up
 */
export async function readThread(
  instances: Instances,
  agent: WorkflowNode,
  threadId: string,
  nowMs: number,
): Promise<AgentThread> {
  const state = await instances.readEntity(threadEntityName(agent.name), threadId);
  const thread = agentThread.safeParse(state).data;
  if (thread && !hasExpired(thread, nowMs)) return thread;
  throw new WorkflowError(
    "THREAD_NOT_FOUND",
    `Agent "${agent.name}" has no thread ${JSON.stringify(threadId)}.`,
    "Check the id; threads that nobody talks in are deleted after a while.",
  );
}

/**
 * Deletes a thread. That shows a moment later. A run that was ended from outside, and so cannot give its turn back, does not
 * hold it up.
 *
 * @throws {WorkflowError} `THREAD_NOT_FOUND`, `THREAD_BUSY` while a turn is going on or waits
 */
export async function deleteThread(
  instances: Instances,
  agent: WorkflowNode,
  threadId: string,
  nowMs: number,
): Promise<void> {
  const thread = await readThread(instances, agent, threadId, nowMs);
  const lostRunId = await lostTurnIn(instances, thread);
  const free = withoutLost(thread, lostRunId);
  const name = threadEntityName(agent.name);
  // With a run that waits it comes to no more than that the lost one gives its turn back.
  if (!isBusy(free, nowMs) || lostRunId !== undefined) {
    await instances.signalEntity(name, threadId, "delete", { lostRunId });
  }
  if (isBusy(free, nowMs)) {
    const runId = free.turn?.runId ?? stillAsking(free.waiting, nowMs)[0]?.runId;
    throw new WorkflowError(
      "THREAD_BUSY",
      `Run ${JSON.stringify(runId)} has its turn in thread ${JSON.stringify(threadId)}, or waits for it.`,
      "Wait for its end, or cancel it.",
    );
  }
}

/**
 * Gives the turn back of a run that was ended from outside and could not do so itself: whoever waits for the thread would
 * wait for ever.
 */
export async function freeLostTurn(
  instances: Instances,
  agent: Pick<WorkflowNode, "name">,
  threadId: string,
): Promise<void> {
  const name = threadEntityName(agent.name);
  const thread = agentThread.safeParse(await instances.readEntity(name, threadId)).data;
  const runId = thread && (await lostTurnIn(instances, thread));
  // A turn that has just ended gave it back itself; then this does nothing.
  if (runId !== undefined) await instances.signalEntity(name, threadId, "abandon", { runId });
}

/** The run that has its turn and will never give it back: it was terminated or deleted, or it failed on its way. */
async function lostTurnIn(instances: Instances, { turn }: AgentThread): Promise<string | undefined> {
  if (!turn) return undefined;
  const orchestration = await instances.read(turnIdOf(turn.runId));
  return orchestration && !hasEnded(orchestration) ? undefined : turn.runId;
}

export interface ThreadExpiry {
  /** Threads in which something happened since then are left alone, in milliseconds since 1970. */
  readonly idleSinceMs: number;
  /** When to leave the rest for the next time, by `nowMs`. */
  readonly stopAtMs: number;
  readonly nowMs: () => number;
  readonly logError: (text: string) => void;
}

/** How many threads are asked at once. */
const AT_ONCE = 8;

/**
 * Asks every thread in which nothing happened since a time whether its own time is up. Those where it is are gone a moment
 * later. Each agent has an equal share of the time, so that one with many threads keeps no other from its own; a thread that
 * cannot be asked, and an agent whose threads cannot be listed, is left for the next time, and the log says why.
 */
export async function expireThreads(
  instances: Instances,
  agents: readonly WorkflowNode[],
  expiry: ThreadExpiry,
): Promise<void> {
  const { stopAtMs, nowMs, logError } = expiry;
  for (const [index, agent] of agents.entries()) {
    const shareMs = (stopAtMs - nowMs()) / (agents.length - index);
    const name = threadEntityName(agent.name);
    try {
      await expireThreadsOf(instances, name, { ...expiry, stopAtMs: nowMs() + shareMs });
    } catch (error) {
      logError(`The threads of ${name} could not be listed and are asked again next time: ${reasonOf(error)}`);
    }
  }
}

async function expireThreadsOf(instances: Instances, name: string, expiry: ThreadExpiry): Promise<void> {
  const { idleSinceMs, stopAtMs, nowMs } = expiry;
  let next: string | undefined;
  do {
    const page = await instances.listEntities(name, idleSinceMs, next);
    for (let first = 0; first < page.keys.length && nowMs() < stopAtMs; first += AT_ONCE) {
      await Promise.all(
        page.keys.slice(first, first + AT_ONCE).map((threadId) => expireOrTell(instances, name, threadId, expiry)),
      );
    }
    next = page.next;
  } while (next !== undefined && nowMs() < stopAtMs);
}

async function expireOrTell(
  instances: Instances,
  name: string,
  threadId: string,
  { logError }: ThreadExpiry,
): Promise<void> {
  try {
    const thread = agentThread.safeParse(await instances.readEntity(name, threadId)).data;
    const lostRunId = thread && (await lostTurnIn(instances, thread));
    await instances.signalEntity(name, threadId, "expire", { lostRunId });
  } catch (error) {
    logError(
      `Thread ${JSON.stringify(threadId)} of ${name} could not be asked and is asked again next time: ${reasonOf(error)}`,
    );
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
