import { describe, expect, it } from "vitest";
import type { AppFunction } from "../app/functions.ts";
import { buildRoutes, findRoute } from "./route-table.ts";

function httpFunction(name: string, route: string | undefined, methods: readonly string[] = ["GET"]): AppFunction {
  const trigger = { type: "httpTrigger", methods, ...(route === undefined ? {} : { route }) };
  return {
    metadata: { name, bindings: { request: trigger } },
    callback: () => undefined,
    name,
    kind: "http",
    isDisabled: false,
    triggerName: "request",
    trigger,
    clientNames: [],
    unsupportedBindings: [],
  };
}

const found = (functions: readonly AppFunction[], method: string, path: string, prefix = "api") =>
  findRoute(buildRoutes(functions, prefix), method, path)?.route.fn.name ?? null;

describe("the routes of an app", () => {
  it("are the function's name when it names none", () => {
    expect(found([httpFunction("hello", undefined)], "GET", "/api/Hello")).toBe("hello");
  });

  it("may have no prefix", () => {
    expect(found([httpFunction("hello", "/greet")], "GET", "/greet", "")).toBe("hello");
  });

  it("are tried in order, and a wrong method goes on to the next", () => {
    const functions = [httpFunction("a", "x/{id}", ["POST"]), httpFunction("b", "x/{id}"), httpFunction("c", "x/1")];
    expect(found(functions, "GET", "/api/x/1")).toBe("b");
    expect(found(functions, "POST", "/api/x/1")).toBe("a");
    expect(found(functions, "PUT", "/api/x/1")).toBeNull();
  });

  it("take any method when a function names none", () => {
    expect(found([httpFunction("any", "x", [])], "PATCH", "/api/x")).toBe("any");
  });

  it("leave out a disabled function", () => {
    expect(found([{ ...httpFunction("off", "x"), isDisabled: true }], "GET", "/api/x")).toBeNull();
  });

  it("refuse one route with one method in two functions", () => {
    const functions = [httpFunction("a", "x/{id}", ["GET", "POST"]), httpFunction("b", "X/{ID}", ["POST"])];
    expect(() => buildRoutes(functions, "api")).toThrow(
      'Functions "a" and "b" both answer POST on "api/X/{ID}". Change the route or the methods of one of them.',
    );
  });

  it("refuse what belongs to the host, and what is malformed", () => {
    expect(() => buildRoutes([httpFunction("a", "admin/x")], "api")).toThrow(
      'Function "a" has the route "admin/x". Routes that start with "admin" belong to the host. Change the route.',
    );
    expect(() => buildRoutes([httpFunction("a", "{id")], "api")).toThrow("Its braces do not match.");
  });
});
