import { describe, expect, it } from "vitest";
import { parseRouteTemplate, pathSegments } from "./route-template.ts";

const match = (template: string, path: string) => parseRouteTemplate(template).match(pathSegments(path));

describe("a route template", () => {
  it.each([
    ["run", "/run", {}],
    ["run", "/RUN/", {}],
    ["", "/", {}],
    ["run/{id}", "/run/7", { id: "7" }],
    ["run/{id}", "/Run/a%20b%2Fc", { id: "a b/c" }],
    ["run/{id}", "/run/%zz", { id: "%zz" }],
    ["run/{id?}", "/run", {}],
    ["run/{id?}", "/run/7", { id: "7" }],
    ["run/{id=first}", "/run", { id: "first" }],
    ["{a=1}/{b=2}", "/", { a: "1", b: "2" }],
    ["{a=1}/{b=2}", "/x", { a: "x", b: "2" }],
    ["files/{*rest}", "/files/a/b/c", { rest: "a/b/c" }],
    ["files/{**rest}", "/files", {}],
    ["files/{*rest=index.html}", "/files", { rest: "index.html" }],
    ["{name}.{extension}", "/a.b.c", { name: "a.b", extension: "c" }],
    ["{name}.{extension?}", "/a.b", { name: "a", extension: "b" }],
    ["{name}.{extension?}", "/a", { name: "a" }],
    ["v{major:int}.{minor:int}", "/v1.20", { major: "1", minor: "20" }],
    ["a{{b}}", "/a{b}", {}],
    ["a.b", "/a.b", {}],
    ["{id:int:min(3)}", "/3", { id: "3" }],
    ["{id:int=7}", "/", { id: "7" }],
    ["{id:int?}", "/", {}],
    [String.raw`{id:regex(^\d{{2}}-[a-z/]$)}`, "/12-x", { id: "12-x" }],
  ])("%s fits %s", (template, path, params) => {
    expect(match(template, path)).toEqual(params);
  });

  it.each([
    ["run", "/runs"],
    ["run", "/run/7"],
    ["run/{id}", "/run"],
    ["run/{id}", "/run//"],
    ["run/{id?}", "/run/7/8"],
    ["a.b", "/aXb"],
    ["{id:int}", "/x"],
    ["{id:int:min(3)}", "/2"],
    [String.raw`{id:regex(^\d{{2}}$)}`, "/123"],
  ])("%s does not fit %s", (template, path) => {
    expect(match(template, path)).toBeNull();
  });

  it.each([
    ["{id?}/run", "Only the last segment may be optional or a catch-all."],
    ["{*rest}/run", "Only the last segment may be optional or a catch-all."],
    ["a{*rest}", "A catch-all is a segment of its own."],
    ["{id", "Its braces do not match."],
    ["id}", "Its braces do not match."],
    ["{}", "A parameter has no name."],
    ["a//b", "A segment is empty."],
    ["{a}{b}", "Two parameters stand side by side with nothing between them."],
    ["{id=1?}", 'Parameter "id" is optional and has a default.'],
    ["{id:integer}", 'There is no constraint "integer".'],
  ])("%s is refused", (template, sentence) => {
    expect(() => parseRouteTemplate(template)).toThrow(sentence);
  });
});
