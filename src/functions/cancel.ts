import { app } from "@azure/functions";
import { cancelRun } from "../durable/respond.ts";
import { durableClientInput } from "../durable/sdk.ts";
import { answer, json } from "./answer.ts";
import { readReason } from "./reason.ts";
import { textParam } from "./route.ts";
import type { Services } from "./services.ts";

/** `POST workflows/{name}/cancel/{runId}`, with or without `{ "reason": … }`: asks a run to end. */
export function registerCancel({ catalog, instancesOf }: Services): void {
  app.http("cancel", {
    methods: ["POST"],
    route: "workflows/{name}/cancel/{runId}",
    authLevel: "function",
    extraInputs: [durableClientInput],
    handler: answer(async (request, context) => {
      const workflow = catalog.get(textParam(request, "name"));
      const reason = await readReason(request);
      const runId = textParam(request, "runId");
      await cancelRun(instancesOf(context), workflow, runId, reason);
      return json(202, { message: "The run was asked to end, and its handlers to stop.", runId });
    }),
  });
}
