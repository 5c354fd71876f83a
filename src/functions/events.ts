import { app } from "@azure/functions";
import { waitForEvents } from "../durable/events.ts";
import { durableClientInput } from "../durable/sdk.ts";
import type { AgentServices } from "./agents/agent-services.ts";
import { answer, json } from "./answer.ts";
import { eventStream, readLastEventId, wantsEventStream } from "./event-stream.ts";
import { readWholeNumber } from "./parameters.ts";
import { textParam } from "./route.ts";
import type { Served, Services } from "./services.ts";
import { withoutStack } from "./shown.ts";

const MAX_WAIT_SECONDS = 30;
/** `EventSource` comes back at once, so its requests wait unless they say otherwise. */
const STREAM_WAIT_SECONDS = 20;

/**
 * `GET workflows/{name}/events/{runId}[?after=N][&waitSeconds=]`: what happened in a run so far, from event N + 1 on.
 * With `waitSeconds`, an answer without events is held back until there is one, the run has ended, or the time is up.
 * With `Accept: text/event-stream` the same as server-sent events; `Last-Event-ID` stands for `after` then.
 */
export function registerEvents({ catalog, instancesOf }: Services): void {
  registerDoor("events", "workflows", catalog, instancesOf);
}

/** `GET agents/{name}/events/{runId}`: the same for a run of an agent. */
export function registerAgentEvents({ agents, instancesOf }: AgentServices): void {
  registerDoor("agentEvents", "agents", agents, instancesOf);
}

function registerDoor(name: string, path: string, served: Served, instancesOf: Services["instancesOf"]): void {
  app.http(name, {
    methods: ["GET"],
    route: `${path}/{name}/events/{runId}`,
    authLevel: "function",
    extraInputs: [durableClientInput],
    handler: answer(async (request, context) => {
      const workflow = served.get(textParam(request, "name"));
      const isStream = wantsEventStream(request);
      const from = readWholeNumber(request, "after", 0, Number.MAX_SAFE_INTEGER) ?? 0;
      const after = (isStream ? readLastEventId(request) : undefined) ?? from;
      const waitSeconds = readWholeNumber(request, "waitSeconds", 0, MAX_WAIT_SECONDS);
      const waitMs = (waitSeconds ?? (isStream ? STREAM_WAIT_SECONDS : 0)) * 1_000;
      const runId = textParam(request, "runId");
      const page = await waitForEvents(instancesOf(context), workflow, runId, { after, waitMs });
      return isStream ? eventStream(page) : json(200, { ...page, events: page.events.map(withoutStack) });
    }),
  });
}
