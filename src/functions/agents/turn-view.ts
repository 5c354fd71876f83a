import type { HttpRequest } from "@azure/functions";
import type { Turn } from "../../durable/threads/turns.ts";
import { isGoingOn } from "../../remote/poll.ts";
import type { TurnView } from "../../wire/turn-view.ts";
import { saidIn } from "../said.ts";
import { withoutStack } from "../shown.ts";

/** @param agentsUrl - where the agents of this app are reached: `https://example.net/api/agents` */
export function viewOf({ threadId, run }: Turn, agentsUrl: string): TurnView {
  const {
    runId,
    workflow: agent,
    version,
    status,
    createdAt,
    updatedAt,
    waitingForInput,
    usage,
    error,
  } = withoutStack(run);
  const said = saidIn(run.output);
  const urlOf = (call: string) => `${agentsUrl}/${agent}/${call}/${encodeURIComponent(runId)}`;
  return {
    agent,
    threadId,
    thread_id: threadId,
    session_id: threadId,
    runId,
    version,
    status,
    response: said?.text ?? askedOf({ threadId, run }),
    output: said?.output ?? null,
    waitingForInput,
    ...(usage && { usage }),
    error,
    createdAt,
    updatedAt,
    statusUrl: urlOf("status"),
    respondUrl: urlOf("respond"),
    eventsUrl: urlOf("events"),
  };
}

/** The path up to the agents, without what stands behind: it may have a prefix of the app's own. */
const AGENTS = /^(.*\/agents)\/[^/]+\/(?:run|status\/[^/]+)\/?$/i;

export function agentsUrlOf(request: HttpRequest): string {
  const { origin, pathname } = new URL(request.url);
  return `${origin}${pathname.replace(AGENTS, "$1")}`;
}

/** What a person is asked, as a message. */
function askedOf({ run }: Pick<Turn, "run" | "threadId">): string | null {
  if (!isGoingOn(run) || run.waitingForInput.length === 0) return null;
  const requests = run.waitingForInput.map(
    ({ eventName, requestId, input }) => `- ${eventName}, requestId ${requestId}: ${JSON.stringify(input)}`,
  );
  return ["A person has to answer first:", ...requests].join("\n");
}
