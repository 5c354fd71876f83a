import { app } from "@azure/functions";
import { getRun, startRun } from "../durable/client.ts";
import { durableClientInput } from "../durable/sdk.ts";
import { isGoingOn, pollUntil, systemClock } from "../remote/poll.ts";
import { checkRunId } from "../wire/run-id.ts";
import { accepted } from "./accepted.ts";
import { answer, json } from "./answer.ts";
import { readInput } from "./body.ts";
import { readParameter, readWaitMs } from "./parameters.ts";
import { textParam } from "./route.ts";
import type { Services } from "./services.ts";
import { withoutStack } from "./shown.ts";

/** `POST workflows/{name}/run`: starts a run, or gives the run of that id and input that is there already. */
export function registerRun({ catalog, instancesOf, config: { generationLimits } }: Services): void {
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
        generationLimits,
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
      const look = () => getRun(instances, workflow, run.runId);
      const status = await pollUntil(look, (seen) => !isGoingOn(seen), leftMs, systemClock);
      return isGoingOn(status) ? accepted(request, { ...status, isNew: true }) : json(200, withoutStack(status));
    }),
  });
}
