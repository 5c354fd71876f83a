import type { EntityFilter, InstanceFilter, RuntimeStatus } from "../hub/task-hub.ts";
import { isTrue } from "./query.ts";

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

export type Parsed<Filter> =
  | { readonly ok: true; readonly filter: Filter }
  | { readonly ok: false; readonly message: string };

type Fields<Filter> = { -readonly [Key in keyof Filter]: Filter[Key] };

/** Reads the query of the list and purge calls. Enumerations are read without case, as .NET does. */
export function parseFilter(query: URLSearchParams, continuationToken: string | undefined): Parsed<InstanceFilter> {
  const filter: Fields<InstanceFilter> = {};
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
  const token = continuationToken ?? null;
  return check(filter, { createdTimeFrom: from, createdTimeTo: to, top, runtimeStatus: statuses, token });
}

/** Reads the query of the list of entities. */
export function parseEntityFilter(
  query: URLSearchParams,
  name: string | undefined,
  continuationToken: string | undefined,
): Parsed<EntityFilter> {
  const filter: Fields<EntityFilter> = { withState: isTrue(query, "fetchState") };
  const from = query.get("lastOperationTimeFrom");
  const to = query.get("lastOperationTimeTo");
  const top = query.get("top");
  if (name) filter.name = name;
  if (from) filter.updatedFromMs = Date.parse(from);
  if (to) filter.updatedToMs = Date.parse(to);
  if (top) filter.top = Number(top);
  if (continuationToken) filter.continuationToken = Buffer.from(continuationToken, "base64url").toString();
  const wrong = firstWrong([
    ["lastOperationTimeFrom", from, Number.isNaN(filter.updatedFromMs)],
    ["lastOperationTimeTo", to, Number.isNaN(filter.updatedToMs)],
    ["top", top, !isPageSize(filter.top)],
  ]);
  return wrong === null ? { ok: true, filter } : { ok: false, message: wrong };
}

function check(
  filter: InstanceFilter,
  given: Readonly<Record<"createdTimeFrom" | "createdTimeTo" | "top" | "runtimeStatus" | "token", string | null>>,
): Parsed<InstanceFilter> {
  const { createdTimeFrom, createdTimeTo, top, runtimeStatus, token } = given;
  const isUnknownStatus =
    filter.runtimeStatus !== undefined && filter.runtimeStatus.length < (runtimeStatus ?? "").split(",").length;
  const wrong = firstWrong([
    ["createdTimeFrom", createdTimeFrom, Number.isNaN(filter.createdFromMs)],
    ["createdTimeTo", createdTimeTo, Number.isNaN(filter.createdToMs)],
    ["top", top, !isPageSize(filter.top)],
    ["runtimeStatus", runtimeStatus, isUnknownStatus],
    ["x-ms-continuation-token", token, token !== null && !/^\d{1,15}$/.test(token)],
  ]);
  return wrong === null ? { ok: true, filter } : { ok: false, message: wrong };
}

function isPageSize(top: number | undefined): boolean {
  return top === undefined || (Number.isSafeInteger(top) && top > 0);
}

type Checked = readonly [name: string, given: string | null, isWrong: boolean];

function firstWrong(checks: readonly Checked[]): string | null {
  const found = checks.find(([, , isWrong]) => isWrong);
  return found ? `The parameter ${found[0]} has the value "${found[1]}", which cannot be read.` : null;
}

function toStatus(text: string): RuntimeStatus[] {
  return STATUSES.filter((status) => status.toLowerCase() === text.trim().toLowerCase());
}
