import { app, type HttpRequest, type InvocationContext } from "@azure/functions";
import { durableClientInput } from "../durable/sdk.ts";
import { readTurn } from "../durable/threads/turns.ts";
import { pollUntil, systemClock } from "../remote/poll.ts";
import type { AgentServices } from "./agents/agent-services.ts";
import { type Answer, answer, json } from "./answer.ts";
import { eventStream, readLastEventId, type StreamPlace, wantsEventStream } from "./event-stream.ts";
import { readFlagParameter, readParameter, readWholeNumber } from "./parameters.ts";
import { textParam } from "./route.ts";
import { type NewsQuery, type RunNews, waitForNews } from "./run-news.ts";
import type { Services } from "./services.ts";
import { withoutStack } from "./shown.ts";

const MAX_WAIT_SECONDS = 30;
/** `EventSource` comes back at once, so its requests wait unless they say otherwise. */
const STREAM_WAIT_SECONDS = 20;

/**
 * `GET workflows/{name}/events/{runId}[?after=N][&waitSeconds=][&updates=true]`: what happened in a run so far, from event
 * N + 1 on. With `waitSeconds`, an answer without events is held back until there is one, the run has ended, or the time is up.
 * With `Accept: text/event-stream` the same as server-sent events; `Last-Event-ID` stands for `after` then.
 */
export function registerEvents({ catalog, instancesOf, updates }: Services): void {
  registerDoor("events", "workflows", updates, (request, context, query) => {
    const workflow = catalog.get(textParam(request, "name"));
    return waitForNews(instancesOf(context), workflow, textParam(request, "runId"), query);
  });
}

/** `GET agents/{name}/events/{runId}`: the same for a run of an agent, also while it waits for its thread. */
export function registerAgentEvents({ agents, instancesOf, updates }: AgentServices): void {
  registerDoor("agentEvents", "agents", updates, async (request, context, query) => {
    const agent = agents.get(textParam(request, "name"));
    const [instances, runId] = [instancesOf(context), textParam(request, "runId")];
    const startedAtMs = Date.now();
    const turn = await pollUntil(
      () => readTurn(instances, agent, runId),
      ({ hasBegun, isOver }) => hasBegun || isOver,
      query.waitMs,
      systemClock,
    );
    if (!turn.hasBegun) return nothingSo(query, turn.isOver);
    const waitMs = Math.max(0, query.waitMs - (Date.now() - startedAtMs));
    return waitForNews(instances, agent, runId, { ...query, waitMs });
  });
}

function nothingSo({ after, position }: NewsQuery, hasEnded: boolean): RunNews {
  return { page: { events: [], nextAfter: after, hasEnded }, updates: [], position };
}

type Ask = (request: HttpRequest, context: InvocationContext, query: NewsQuery) => Promise<RunNews>;

function registerDoor(name: string, path: string, updates: Services["updates"], ask: Ask): void {
  app.http(name, {
    methods: ["GET"],
    route: `${path}/{name}/events/{runId}`,
    authLevel: "function",
    extraInputs: [durableClientInput],
    handler: answer(async (request, context) => {
      const isStream = wantsEventStream(request);
      const from = placeOf(request, isStream);
      const wantsUpdates = isStream || readFlagParameter(request, "updates");
      const waitSeconds = readWholeNumber(request, "waitSeconds", 0, MAX_WAIT_SECONDS);
      const news = await ask(request, context, {
        ...from,
        waitMs: (waitSeconds ?? (isStream ? STREAM_WAIT_SECONDS : 0)) * 1_000,
        channel: wantsUpdates ? updates : undefined,
        logError: (error) => context.error("The updates of a run could not be read:", error),
      });
      return isStream ? eventStream(news, from) : pageAnswer(news, wantsUpdates);
    }),
  });
}

/** Where the reader is: a stream says so by itself when it comes back. */
function placeOf(request: HttpRequest, isStream: boolean): StreamPlace {
  const place = isStream ? readLastEventId(request) : undefined;
  const after = readWholeNumber(request, "after", 0, Number.MAX_SAFE_INTEGER) ?? 0;
  return place ?? { after, position: readParameter(request, "updatesAfter") ?? undefined };
}

function pageAnswer({ page, updates, position }: RunNews, withUpdates: boolean): Answer {
  const told = withUpdates && { updates, updatesAfter: position ?? null };
  return json(200, { ...page, events: page.events.map(withoutStack), ...told });
}
