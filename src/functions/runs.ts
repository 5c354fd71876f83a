import { app } from "@azure/functions";
import { deleteRun } from "../durable/manage.ts";
import { listRuns, RUN_ORDERS } from "../durable/run-list.ts";
import { durableClientInput } from "../durable/sdk.ts";
import { runStatusName } from "../wire/status.ts";
import { answer, json } from "./answer.ts";
import { readName, readNames, readWholeNumber } from "./parameters.ts";
import { textParam } from "./route.ts";
import type { Services } from "./services.ts";

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** `GET workflows/{name}/runs[?status=Running,Failed][&limit=][&cursor=][&order=oldest]`: runs of one workflow, newest first unless asked. */
export function registerRuns({ catalog, instancesOf }: Services): void {
  app.http("runs", {
    methods: ["GET"],
    route: "workflows/{name}/runs",
    authLevel: "function",
    extraInputs: [durableClientInput],
    handler: answer(async (request, context) => {
      const workflow = catalog.get(textParam(request, "name"));
      const statuses = readNames(request, "status", runStatusName.options);
      const limit = readWholeNumber(request, "limit", 1, MAX_LIMIT) ?? DEFAULT_LIMIT;
      const cursor = request.query.get("cursor");
      const order = readName(request, "order", RUN_ORDERS);
      const query = {
        limit,
        ...(statuses && { statuses }),
        ...(cursor !== null && { cursor }),
        ...(order && { order }),
      };
      return json(200, await listRuns(instancesOf(context), workflow, query, Date.now()));
    }),
  });
}

/** `DELETE workflows/{name}/runs/{runId}`: deletes an ended run with its history. */
export function registerDeleteRun({ catalog, instancesOf }: Services): void {
  app.http("deleteRun", {
    methods: ["DELETE"],
    route: "workflows/{name}/runs/{runId}",
    authLevel: "function",
    extraInputs: [durableClientInput],
    handler: answer(async (request, context) => {
      const workflow = catalog.get(textParam(request, "name"));
      await deleteRun(instancesOf(context), workflow, textParam(request, "runId"));
      return { status: 204 };
    }),
  });
}
