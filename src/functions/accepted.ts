import type { HttpRequest } from "@azure/functions";
import type { RunStatus } from "../wire/status.ts";
import { type Answer, json } from "./answer.ts";

type Started = Pick<RunStatus, "runId" | "workflow" | "status"> & { readonly isNew: boolean };

/** The path up to the workflows, without what stands behind: it may have a prefix of the app's own. */
const WORKFLOWS = /^(.*\/workflows)\/[^/]+\/(?:run|rerun\/[^/]+)\/?$/i;

/** 202 with the ways to follow the run; 200 for one that was there already. */
export function accepted(request: HttpRequest, { runId, workflow, status, isNew }: Started): Answer {
  const { origin, pathname } = new URL(request.url);
  const base = `${origin}${pathname.replace(WORKFLOWS, "$1")}/${workflow}`;
  const urlOf = (call: string) => `${base}/${call}/${encodeURIComponent(runId)}`;
  const statusUrl = urlOf("status");
  const body = { runId, workflow, status, statusUrl, respondUrl: urlOf("respond"), eventsUrl: urlOf("events") };
  return json(isNew ? 202 : 200, body, { location: statusUrl });
}
