import { app, type HttpRequest } from "@azure/functions";
import { getRun, startRun } from "../durable/client.ts";
import { durableClientInput } from "../durable/sdk.ts";
import { isGoingOn, waitForEnd } from "../durable/wait.ts";
import { checkRunId } from "../wire/run-id.ts";
import type { RunStatus } from "../wire/status.ts";
import { type Answer, answer, json } from "./answer.ts";
import { readInput } from "./body.ts";
import { readParameter, readWaitMs } from "./parameters.ts";
import { textParam } from "./route.ts";
import type { Services } from "./services.ts";
import { withoutStack } from "./shown.ts";

/** `POST workflows/{name}/run`: starts a run, or gives the run of that id and input that is there already. */
export function registerRun({ catalog, instancesOf }: Services): void {
  app.http("run", {
    methods: ["POST"],
    route: "workflows/{name}/run",
    authLevel: "function",
    extraInputs: [durableClientInput],
    handler: answer(async (request, context) => {
      const workflow = catalog.get(textParam(request, "name"));
      const waitMs = readWaitMs(request);
      const runId = readParameter(request, "runId");
      const options = {
        ...(runId !== null && { runId: checkRunId(runId) }),
        ...(waitMs !== undefined && { waitMs }),
      };
      const instances = instancesOf(context);
      const startedAtMs = Date.now();
      const run = await startRun(instances, workflow, await readInput(request), options);
      if (waitMs === undefined) {
        const status = run.isNew ? "Pending" : (await getRun(instances, workflow, run.runId)).status;
        return accepted(request, { ...run, workflow: workflow.name, status });
      }
      // Its start has waited for a new run already, or for as long as the host could.
      const leftMs = run.isNew ? 0 : waitMs - (Date.now() - startedAtMs);
      const status = await waitForEnd(instances, workflow, run.runId, leftMs);
      return isGoingOn(status) ? accepted(request, { ...status, isNew: true }) : json(200, withoutStack(status));
    }),
  });
}

type Started = Pick<RunStatus, "runId" | "workflow" | "status"> & { readonly isNew: boolean };

/** 202 with the ways to follow the run; 200 for one that was there already. */
function accepted(request: HttpRequest, { runId, workflow, status, isNew }: Started): Answer {
  const { origin, pathname } = new URL(request.url);
  const base = `${origin}${pathname.split("/").slice(0, -2).join("/")}/${workflow}`;
  const urlOf = (call: string) => `${base}/${call}/${encodeURIComponent(runId)}`;
  const statusUrl = urlOf("status");
  const body = { runId, workflow, status, statusUrl, respondUrl: urlOf("respond"), eventsUrl: urlOf("events") };
  return json(isNew ? 202 : 200, body, { location: statusUrl });
}
