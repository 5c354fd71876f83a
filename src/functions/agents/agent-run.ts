import { app, type HttpRequest } from "@azure/functions";
import { durableClientInput } from "../../durable/sdk.ts";
import { freeLostTurn } from "../../durable/threads/kept-threads.ts";
import { readTurn, startTurn, type Turn } from "../../durable/threads/turns.ts";
import { pollUntil, systemClock } from "../../remote/poll.ts";
import { turnFailure } from "../../remote/turn-failure.ts";
import { checkRunId, checkThreadId, makeRunId } from "../../wire/run-id.ts";
import { type Answer, answer, json } from "../answer.ts";
import { readParameter, readWaitMs } from "../parameters.ts";
import { textParam } from "../route.ts";
import type { AgentServices } from "./agent-services.ts";
import { readRunRequest } from "./run-request.ts";
import { agentsUrlOf, viewOf } from "./turn-view.ts";

/** A model takes its time, more than a workflow that is waited for; Azure's front end gives up after 230 s. */
const DEFAULT_WAIT = { isWaiting: true, timeoutSeconds: 100 };

/** `POST agents/{name}/run`: says something to an agent, in a new thread or in one that is there, and waits for the answer. */
export function registerAgentRun({ agents, instancesOf, config, threadTtlMs }: AgentServices): void {
  app.http("agentRun", {
    methods: ["POST"],
    route: "agents/{name}/run",
    authLevel: "function",
    extraInputs: [durableClientInput],
    handler: answer(async (request, context) => {
      const agent = agents.get(textParam(request, "name"));
      const waitMs = readWaitMs(request, DEFAULT_WAIT) ?? 0;
      const runId = readParameter(request, "runId");
      const { message, threadId: given } = await readRunRequest(request);
      // A request that is sent again without a thread has to come to the same new one.
      const threadId = given ?? checkThreadId(runId ?? makeRunId());
      const instances = instancesOf(context);
      await freeLostTurn(instances, agent, threadId);
      const id = await startTurn(instances, agent, {
        threadId,
        messages: [{ role: "user", content: message }],
        ttlMs: threadTtlMs,
        generationLimits: config.generationLimits,
        ...(runId !== null && { runId: checkRunId(runId) }),
      });
      const turn = await pollUntil(() => readTurn(instances, agent, id), isSettled, waitMs, systemClock);
      return turnAnswer(request, turn);
    }),
  });
}

/** The turn is over, or goes on only when a person has answered. */
function isSettled({ isOver, run }: Turn): boolean {
  return isOver || run.waitingForInput.length > 0;
}

function turnAnswer(request: HttpRequest, turn: Turn): Answer {
  const { run, isOver, threadId } = turn;
  if (isOver && run.status !== "Completed") throw turnFailure({ ...run, agent: run.workflow });
  const view = viewOf(turn, agentsUrlOf(request));
  const status = isOver ? 200 : 202;
  const headers = {
    "x-ms-thread-id": threadId,
    "x-ms-session-id": threadId,
    ...(status === 202 && { location: view.statusUrl }),
  };
  if (!wantsText(request)) return json(status, view, headers);
  const body = view.response ?? `Run ${view.runId} goes on (${view.status}).`;
  return { status, headers: { ...headers, "content-type": "text/plain; charset=utf-8" }, body };
}

/** Text alone, for callers that ask for it and not for JSON. */
function wantsText(request: HttpRequest): boolean {
  const accept = request.headers.get("accept") ?? "";
  return /\btext\/plain\b/i.test(accept) && !/\bapplication\/json\b/i.test(accept);
}
