import { app } from "@azure/functions";
import { getRun } from "../durable/client.ts";
import { rerunRun, resumeRun, suspendRun } from "../durable/manage.ts";
import { durableClientInput } from "../durable/sdk.ts";
import { checkRunId } from "../wire/run-id.ts";
import { accepted } from "./accepted.ts";
import { answer, json } from "./answer.ts";
import { readReason } from "./reason.ts";
import { textParam } from "./route.ts";
import type { Services } from "./services.ts";

/** `POST workflows/{name}/suspend/{runId}`, with or without `{ "reason": … }`: holds a run until it is resumed. */
export function registerSuspend(services: Services): void {
  registerHold(services, "suspend", suspendRun, "The run was asked to pause.");
}

/** `POST workflows/{name}/resume/{runId}`, with or without `{ "reason": … }`: lets a suspended run go on. */
export function registerResume(services: Services): void {
  registerHold(services, "resume", resumeRun, "The run was asked to go on.");
}

function registerHold(
  { catalog, instancesOf }: Services,
  name: "suspend" | "resume",
  act: typeof suspendRun,
  message: string,
): void {
  app.http(name, {
    methods: ["POST"],
    route: `workflows/{name}/${name}/{runId}`,
    authLevel: "function",
    extraInputs: [durableClientInput],
    handler: answer(async (request, context) => {
      const workflow = catalog.get(textParam(request, "name"));
      const reason = await readReason(request);
      const runId = textParam(request, "runId");
      await act(instancesOf(context), workflow, runId, reason);
      return json(202, { message, runId });
    }),
  });
}

/** `POST workflows/{name}/rerun/{runId}[?runId=]`: starts a new run, of that id, with the input of another. */
export function registerRerun({ catalog, instancesOf, config: { generationLimits } }: Services): void {
  app.http("rerun", {
    methods: ["POST"],
    route: "workflows/{name}/rerun/{runId}",
    authLevel: "function",
    extraInputs: [durableClientInput],
    handler: answer(async (request, context) => {
      const workflow = catalog.get(textParam(request, "name"));
      const newId = request.query.get("runId");
      const options = { generationLimits, ...(newId !== null && { runId: checkRunId(newId) }) };
      const instances = instancesOf(context);
      const run = await rerunRun(instances, workflow, textParam(request, "runId"), options);
      const status = run.isNew ? "Pending" : (await getRun(instances, workflow, run.runId)).status;
      return accepted(request, { ...run, workflow: workflow.name, status });
    }),
  });
}
