import { app } from "@azure/functions";
import { answer, json } from "./answer.ts";
import { openApiOf } from "./openapi/document.ts";
import type { Services } from "./services.ts";

/** `GET openapi.json`: the contract of this app, as OpenAPI 3.1. */
export function registerOpenApi({ catalog }: Services): void {
  app.http("openapi", {
    methods: ["GET"],
    route: "openapi.json",
    authLevel: "function",
    handler: answer(async (request) => {
      const { origin, pathname } = new URL(request.url);
      return json(200, openApiOf(catalog, `${origin}${pathname.slice(0, pathname.lastIndexOf("/"))}`));
    }),
  });
}
