import { isGoingOn, pollUntil } from "../remote/poll.ts";
import { turnFailure } from "../remote/turn-failure.ts";
import type { RunUpdate } from "../wire/live-update.ts";
import { checkRunId, checkThreadId, makeRunId } from "../wire/run-id.ts";
import { type ThreadView, type TurnView, threadView, turnView } from "../wire/turn-view.ts";
import { Connection, type HttpOptions, type Request } from "./connection.ts";
import { HttpRuns, parse } from "./http-runner.ts";

/** What an agent said, and in which thread; or what a person is asked before it goes on. */
export type AgentTurn = Omit<TurnView, "thread_id" | "session_id">;
export type AgentThread = ThreadView;

export interface SayOptions {
  /** The conversation to go on with; a new one is begun without it. */
  readonly threadId?: string;
  /** The same id with the same message is the same turn: a random one is made without it. */
  readonly runId?: string;
  /** Milliseconds to wait for the answer; as long as it takes unless given. */
  readonly timeoutMs?: number;
}

/** Talks to the agents that a host serves by themselves. */
export interface AgentClient {
  /**
   * Says something to an agent and waits for its answer. A turn that waits for a person comes back at once, with the requests
   * under `waitingForInput`, and one that takes longer than `timeoutMs` as it is: look at `status`.
   *
   * @throws {WorkflowError} `AGENT_NOT_FOUND`, `AGENT_RUN_FAILED` when the agent gave no answer, `RUN_CANCELLED`, `RUN_EXISTS`,
   *   `THREAD_ID_INVALID`, `HOST_UNREACHABLE`
   */
  say(agent: string, message: string, options?: SayOptions): Promise<AgentTurn>;
  /** How a turn is going. @throws {WorkflowError} `RUN_NOT_FOUND` */
  turn(agent: string, runId: string): Promise<AgentTurn>;
  /** The words of the agent as they come, until the turn is over. */
  updates(agent: string, runId: string): AsyncIterable<RunUpdate>;
  /** Answers an open request, the approval of a tool for example. @throws {WorkflowError} as `respond` of a run */
  respond(agent: string, runId: string, requestId: string, response: unknown): Promise<void>;
  cancel(agent: string, runId: string, reason?: string): Promise<void>;
  /** @throws {WorkflowError} `THREAD_NOT_FOUND` */
  thread(agent: string, threadId: string): Promise<AgentThread>;
  /** @throws {WorkflowError} `THREAD_NOT_FOUND`, `THREAD_BUSY` */
  deleteThread(agent: string, threadId: string): Promise<void>;
}

/** How long one request for an answer is held back. */
const WAIT_SECONDS = 100;

/** @param options - `url` of the host, `key` where it wants one */
export function createAgentClient(options: HttpOptions): AgentClient {
  const connection = new Connection(options);
  const runs = new HttpRuns(connection, "agents");
  const send = (path: readonly string[], request: Omit<Request, "path">) =>
    connection.send({ ...request, path: ["agents", ...path] });
  const turn = async (agent: string, runId: string) =>
    parse(turnView, await send([agent, "status", checkRunId(runId)], { method: "GET", isRepeatable: true }));

  return {
    async say(agent, message, { threadId, runId = makeRunId(), timeoutMs = Number.POSITIVE_INFINITY } = {}) {
      const endMs = connection.clock.nowMs() + timeoutMs;
      const waitSeconds = Math.max(1, Math.min(WAIT_SECONDS, Math.ceil(timeoutMs / 1_000)));
      const answer = await send([agent, "run"], {
        method: "POST",
        query: { runId: checkRunId(runId), timeoutSeconds: String(waitSeconds) },
        bodyJson: JSON.stringify({ message, ...(threadId !== undefined && { threadId: checkThreadId(threadId) }) }),
        // The id makes it so: a turn is not begun twice.
        isRepeatable: true,
        waitMs: waitSeconds * 1_000,
      });
      let seen: TurnView | undefined = parse(turnView, answer);
      const look = async () => {
        const first = seen;
        seen = undefined;
        return first ?? turn(agent, runId);
      };
      const leftMs = endMs - connection.clock.nowMs();
      const last = await pollUntil(look, (one) => !isGoingOn(one) || asks(one), leftMs, connection.clock);
      if (isGoingOn(last) || last.status === "Completed") return last;
      throw turnFailure(last);
    },
    turn,
    updates: (agent, runId) => runs.open(agent, runId).updates(),
    async respond(agent, runId, requestId, response) {
      await runs.open(agent, runId).respond({ requestId }, response);
    },
    cancel: (agent, runId, reason) => runs.open(agent, runId).cancel(reason),
    async thread(agent, threadId) {
      const path = [agent, "threads", checkThreadId(threadId)];
      return parse(threadView, await send(path, { method: "GET", isRepeatable: true }));
    },
    async deleteThread(agent, threadId) {
      await send([agent, "threads", checkThreadId(threadId)], { method: "DELETE", isRepeatable: false });
    },
  };
}

function asks({ waitingForInput }: TurnView): boolean {
  return waitingForInput.length > 0;
}
