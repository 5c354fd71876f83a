import { app } from "@azure/functions";
import { answer, json } from "./answer.ts";
import type { Services } from "./services.ts";

/** `GET health`: the app is loaded and answers. */
export function registerHealth({ catalog }: Services): void {
  app.http("health", {
    methods: ["GET"],
    route: "health",
    authLevel: "function",
    handler: answer(async () => json(200, { status: "healthy", workflows: catalog.workflows.length })),
  });
}
