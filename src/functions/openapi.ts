import { app } from "@azure/functions";
import type { AnyWorkflow } from "../graph/workflow.ts";
import { answer, json } from "./answer.ts";
import type { Services } from "./services.ts";

/** `GET openapi.json`: the contract of this app, as OpenAPI 3.1. */
export function registerOpenApi({ catalog }: Services, agents: readonly AnyWorkflow[]): void {
  app.http("openapi", {
    methods: ["GET"],
    route: "openapi.json",
    authLevel: "function",
    handler: answer(async (request) => {
      // Seldom asked for, so not loaded at the start.
      const { openApiOf } = await import("./openapi/document.ts");
      const { origin, pathname } = new URL(request.url);
      return json(200, openApiOf(catalog, agents, `${origin}${pathname.slice(0, pathname.lastIndexOf("/"))}`));
    }),
  });
}
