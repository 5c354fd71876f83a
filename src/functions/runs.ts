import { app, type HttpRequest } from "@azure/functions";
import { deleteRun } from "../durable/manage.ts";
import { listRuns, RUN_ORDERS, type RunQuery } from "../durable/run-list.ts";
import { durableClientInput } from "../durable/sdk.ts";
import { listTurns } from "../durable/threads/turns.ts";
import { runStatusName } from "../wire/status.ts";
import type { AgentServices } from "./agents/agent-services.ts";
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
      return json(200, await listRuns(instancesOf(context), workflow, readQuery(request), Date.now()));
    }),
  });
}

/** `GET agents/{name}/runs`, with the same parameters: runs of one agent, those included that wait for their thread. */
export function registerAgentRuns({ agents, instancesOf }: AgentServices): void {
  app.http("agentRuns", {
    methods: ["GET"],
    route: "agents/{name}/runs",
    authLevel: "function",
    extraInputs: [durableClientInput],
    handler: answer(async (request, context) => {
      const agent = agents.get(textParam(request, "name"));
      return json(200, await listTurns(instancesOf(context), agent, readQuery(request), Date.now()));
    }),
  });
}

function readQuery(request: HttpRequest): RunQuery {
  const statuses = readNames(request, "status", runStatusName.options);
  const limit = readWholeNumber(request, "limit", 1, MAX_LIMIT) ?? DEFAULT_LIMIT;
  const cursor = request.query.get("cursor");
  const order = readName(request, "order", RUN_ORDERS);
  return { limit, ...(statuses && { statuses }), ...(cursor !== null && { cursor }), ...(order && { order }) };
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
