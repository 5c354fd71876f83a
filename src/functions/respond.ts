import { app } from "@azure/functions";
import { z } from "zod";
import { respondToRun } from "../durable/respond.ts";
import { durableClientInput } from "../durable/sdk.ts";
import type { AgentServices } from "./agents/agent-services.ts";
import { answer, json } from "./answer.ts";
import { readJson } from "./body.ts";
import { parseFields } from "./fields.ts";
import { textParam } from "./route.ts";
import type { Served, Services } from "./services.ts";

const fields = z
  .object({
    requestId: z.string().optional(),
    eventName: z.string().optional(),
    response: z.json(),
  })
  .refine(({ requestId, eventName }) => requestId !== undefined || eventName !== undefined, {
    message: "name the request by requestId, or by eventName where its port has only one open",
  });

/** `POST workflows/{name}/respond/{runId}`: answers an open port request. */
export function registerRespond({ catalog, instancesOf }: Services): void {
  registerDoor("respond", "workflows", catalog, instancesOf);
}

/** `POST agents/{name}/respond/{runId}`: the same for a run of an agent, a tool that needs approval for example. */
export function registerAgentRespond({ agents, instancesOf }: AgentServices): void {
  registerDoor("agentRespond", "agents", agents, instancesOf);
}

function registerDoor(name: string, path: string, served: Served, instancesOf: Services["instancesOf"]): void {
  app.http(name, {
    methods: ["POST"],
    route: `${path}/{name}/respond/{runId}`,
    authLevel: "function",
    extraInputs: [durableClientInput],
    handler: answer(async (request, context) => {
      const workflow = served.get(textParam(request, "name"));
      const { response, ...reference } = parseFields(
        fields,
        await readJson(request),
        "RESPOND_BODY_INVALID",
        'Send { "requestId": …, "response": … }.',
      );
      const runId = textParam(request, "runId");
      const answered = await respondToRun(instancesOf(context), workflow, runId, reference, response);
      return json(202, { message: "The response was received.", runId, ...answered, validated: true });
    }),
  });
}
