import { expect, it } from "vitest";
import { byCall, documentedRoutes, servedRoutes } from "./served-routes.ts";
import { serveTestApp } from "./support.ts";

const api = serveTestApp();
const METHODS = ["get", "post", "delete"];

// biome-ignore lint/suspicious/noExplicitAny: the document is what the tests look into
const document = async (): Promise<any> => (await api.get("openapi.json")).body;

it("documents every route it serves, under the same name, and no other", async () => {
  const { paths } = await document();
  const own = (await servedRoutes(api.url)).filter(({ operationId }) => operationId !== "greetAll");
  expect(documentedRoutes(paths).sort(byCall)).toEqual(own.sort(byCall));
});

it("names a parameter for each part of a path that is one, and each operation once", async () => {
  const { paths } = await document();
  const ids: string[] = [];
  for (const [path, methods] of Object.entries<Record<string, { operationId: string; parameters: object[] }>>(paths)) {
    for (const [method, { operationId, parameters }] of Object.entries(methods)) {
      expect(METHODS).toContain(method);
      ids.push(operationId);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = parameters.flatMap((one) =>
        "in" in one && one.in === "path" && "name" in one ? [one.name] : [],
      );
      expect(declared, path).toEqual(inPath);
    }
  }
  expect(new Set(ids).size).toBe(ids.length);
});

it("refers only to schemas it has", async () => {
  const whole = await document();
  const refs = [...JSON.stringify(whole).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
  expect(refs.length).toBeGreaterThan(10);
  for (const name of refs) expect(Object.keys(whole.components.schemas)).toContain(name);
});

it("draws the bodies of each workflow from its own schemas", async () => {
  const { openapi, servers, paths } = await document();
  expect([openapi, servers]).toEqual(["3.1.0", [{ url: `${api.url}/api` }]]);
  const run = paths["/workflows/Approval/run"].post;
  expect(run.requestBody.content["application/json"].schema).toMatchObject({ required: ["amount"] });
  const [, own] = run.responses[200].content["application/json"].schema.anyOf[0].allOf;
  expect(own.properties.outputs.items).toEqual({ type: "string" });
  const respond = paths["/workflows/Approval/respond/{runId}"].post;
  expect(respond.requestBody.content["application/json"].schema.oneOf).toMatchObject([
    { properties: { eventName: { const: "Manager" }, response: { required: ["approved"] } } },
  ]);
  expect(Object.keys(paths)).not.toContain("/workflows/Greeting/respond/{runId}");
});

it("shows the values of run events as values", async () => {
  const { RunEvent } = (await document()).components.schemas;
  const opened = RunEvent.oneOf.find(
    ({ properties }: { properties: { type: { const: string } } }) => properties.type.const === "requestOpened",
  );
  expect(opened.properties.request).toEqual({});
  expect(opened.properties.requestId).toEqual({ type: "string" });
});
