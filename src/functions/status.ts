import { app } from "@azure/functions";
import { getRun } from "../durable/client.ts";
import { durableClientInput } from "../durable/sdk.ts";
import { answer, json } from "./answer.ts";
import { textParam } from "./route.ts";
import type { Services } from "./services.ts";
import { withoutStack } from "./shown.ts";

/** `GET workflows/{name}/status/{runId}`: what a run is doing, what it waits for, what it gave. */
export function registerStatus({ catalog, instancesOf }: Services): void {
  app.http("status", {
    methods: ["GET"],
    route: "workflows/{name}/status/{runId}",
    authLevel: "function",
    extraInputs: [durableClientInput],
    handler: answer(async (request, context) => {
      const workflow = catalog.get(textParam(request, "name"));
      return json(200, withoutStack(await getRun(instancesOf(context), workflow, textParam(request, "runId"))));
    }),
  });
}
