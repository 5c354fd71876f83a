import { WorkflowError } from "../../errors.ts";
import type { AppFunction } from "../app/functions.ts";
import { parseRouteTemplate, pathSegments, type RouteParams, type RouteTemplate } from "./route-template.ts";

export interface Route {
  readonly fn: AppFunction;
  /** Upper case; empty means any. */
  readonly methods: readonly string[];
  /** With the prefix, without a slash at the start: `api/run/{id}`. */
  readonly path: string;
  readonly template: RouteTemplate;
}

export interface RouteMatch {
  readonly route: Route;
  readonly params: RouteParams;
}

/** First letters that belong to the host itself. */
const RESERVED = ["admin", "runtime"];

/**
 * The routes of the app's HTTP functions, in the order given: functions by name. There is no precedence, so a catch-all in
 * a function named "a" hides a literal in one named "b"; the real host does the same.
 *
 * @throws {WorkflowError} `ROUTE_CONFLICT` for one route with one method in two functions, `APP_LOAD_FAILED` for a
 *   malformed or reserved route
 */
export function buildRoutes(functions: readonly AppFunction[], routePrefix: string): readonly Route[] {
  const routes = functions
    .filter(({ kind, isDisabled }) => kind === "http" && !isDisabled)
    .map((fn) => toRoute(fn, routePrefix));
  for (const [index, route] of routes.entries()) refuseConflict(route, routes.slice(0, index));
  return routes;
}

/** Path and method must fit; a wrong method is as unknown as a wrong path. */
export function findRoute(routes: readonly Route[], method: string, path: string): RouteMatch | null {
  const segments = pathSegments(path);
  for (const route of routes) {
    if (route.methods.length > 0 && !route.methods.includes(method)) continue;
    const params = route.template.match(segments);
    if (params) return { route, params };
  }
  return null;
}

function toRoute(fn: AppFunction, routePrefix: string): Route {
  const own = (fn.trigger.route ?? fn.name).replace(/^\/+/, "");
  const reserved = RESERVED.find((word) => own.toLowerCase().startsWith(word));
  if (reserved) throw malformed(fn, own, `Routes that start with "${reserved}" belong to the host.`);
  const path = routePrefix === "" ? own : `${routePrefix}/${own}`;
  const methods = (fn.trigger.methods ?? []).map((method) => method.toUpperCase());
  try {
    return { fn, methods, path, template: parseRouteTemplate(path) };
  } catch (error) {
    throw malformed(fn, own, error instanceof Error ? error.message : String(error));
  }
}

function malformed(fn: AppFunction, route: string, why: string): WorkflowError {
  return new WorkflowError(
    "APP_LOAD_FAILED",
    `Function "${fn.name}" has the route "${route}". ${why}`,
    "Change the route.",
  );
}

function refuseConflict(route: Route, earlier: readonly Route[]): void {
  const other = earlier.find(
    (one) => one.path.toLowerCase() === route.path.toLowerCase() && methodsOverlap(one.methods, route.methods),
  );
  if (!other) return;
  throw new WorkflowError(
    "ROUTE_CONFLICT",
    `Functions "${other.fn.name}" and "${route.fn.name}" both answer ${route.methods.join(", ") || "any method"} on "${route.path}".`,
    "Change the route or the methods of one of them.",
  );
}

function methodsOverlap(left: readonly string[], right: readonly string[]): boolean {
  return left.length === 0 || right.length === 0 || left.some((method) => right.includes(method));
}
