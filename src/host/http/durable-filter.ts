import type { InstanceFilter, RuntimeStatus } from "../hub/task-hub.ts";

const STATUSES: readonly RuntimeStatus[] = [
  "Pending",
  "Running",
  "Suspended",
  "Completed",
  "ContinuedAsNew",
  "Failed",
  "Canceled",
  "Terminated",
];

export type ParsedFilter =
  | { readonly ok: true; readonly filter: InstanceFilter }
  | { readonly ok: false; readonly message: string };

type Fields = { -readonly [Key in keyof InstanceFilter]: InstanceFilter[Key] };

/** Reads the query of the list and purge calls. Enumerations are read without case, as .NET does. */
export function parseFilter(query: URLSearchParams, continuationToken: string | undefined): ParsedFilter {
  const filter: Fields = {};
  const from = query.get("createdTimeFrom");
  const to = query.get("createdTimeTo");
  const top = query.get("top");
  const statuses = query.get("runtimeStatus");
  const prefix = query.get("instanceIdPrefix");
  if (from) filter.createdFromMs = Date.parse(from);
  if (to) filter.createdToMs = Date.parse(to);
  if (top) filter.top = Number(top);
  if (prefix) filter.instanceIdPrefix = prefix;
  if (continuationToken) filter.continuationToken = continuationToken;
  if (statuses) filter.runtimeStatus = statuses.split(",").flatMap(toStatus);
  return check(filter, { createdTimeFrom: from, createdTimeTo: to, top, runtimeStatus: statuses });
}

function check(filter: Fields, given: Readonly<Record<string, string | null>>): ParsedFilter {
  const wrong = [
    Number.isNaN(filter.createdFromMs) && "createdTimeFrom",
    Number.isNaN(filter.createdToMs) && "createdTimeTo",
    filter.top !== undefined && !(Number.isSafeInteger(filter.top) && filter.top > 0) && "top",
    filter.runtimeStatus &&
      filter.runtimeStatus.length < (given.runtimeStatus ?? "").split(",").length &&
      "runtimeStatus",
  ].find((name) => typeof name === "string");
  if (wrong === undefined) return { ok: true, filter };
  return { ok: false, message: `The parameter ${wrong} has the value "${given[wrong]}", which cannot be read.` };
}

function toStatus(text: string): RuntimeStatus[] {
  return STATUSES.filter((status) => status.toLowerCase() === text.trim().toLowerCase());
}
