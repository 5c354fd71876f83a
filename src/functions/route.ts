import type { HttpRequest } from "@azure/functions";

/** A parameter of the route, decoded. The host calls a function only when all of its route's parameters are there. */
export function textParam(request: HttpRequest, name: string): string {
  return request.params[name] ?? "";
}
