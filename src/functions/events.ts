import { app } from "@azure/functions";
import { readEvents } from "../durable/client.ts";
import { durableClientInput } from "../durable/sdk.ts";
import { answer, json } from "./answer.ts";
import { readWholeNumber } from "./parameters.ts";
import { textParam } from "./route.ts";
import type { Services } from "./services.ts";
import { withoutStack } from "./shown.ts";

/** `GET workflows/{name}/events/{runId}[?after=N]`: what happened in a run so far, from event N + 1 on. */
export function registerEvents({ catalog, instancesOf }: Services): void {
  app.http("events", {
    methods: ["GET"],
    route: "workflows/{name}/events/{runId}",
    authLevel: "function",
    extraInputs: [durableClientInput],
    handler: answer(async (request, context) => {
      const workflow = catalog.get(textParam(request, "name"));
      const after = readWholeNumber(request, "after", 0, Number.MAX_SAFE_INTEGER) ?? 0;
      const events = await readEvents(instancesOf(context), workflow, textParam(request, "runId"), after);
      return json(200, { events: events.map(withoutStack), nextAfter: events.at(-1)?.number ?? after });
    }),
  });
}
