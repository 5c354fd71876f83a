import { app } from "@azure/functions";
import { z } from "zod";
import { cancelRun } from "../durable/respond.ts";
import { durableClientInput } from "../durable/sdk.ts";
import { answer, json } from "./answer.ts";
import { readOptionalJson } from "./body.ts";
import { parseFields } from "./fields.ts";
import { textParam } from "./route.ts";
import type { Services } from "./services.ts";

const fields = z.object({ reason: z.string().max(1_000).optional() });

/** `POST workflows/{name}/cancel/{runId}`, with or without `{ "reason": … }`: asks a run to end. */
export function registerCancel({ catalog, instancesOf }: Services): void {
  app.http("cancel", {
    methods: ["POST"],
    route: "workflows/{name}/cancel/{runId}",
    authLevel: "function",
    extraInputs: [durableClientInput],
    handler: answer(async (request, context) => {
      const workflow = catalog.get(textParam(request, "name"));
      const body = (await readOptionalJson(request)) ?? {};
      const { reason } = parseFields(fields, body, "PARAMETER_INVALID", 'Send { "reason": "…" }, or no body.');
      const runId = textParam(request, "runId");
      await cancelRun(instancesOf(context), workflow, runId, reason);
      return json(202, { message: "The run was asked to end at its next superstep boundary.", runId });
    }),
  });
}
