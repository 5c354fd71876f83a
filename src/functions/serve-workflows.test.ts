import { readdirSync } from "node:fs";
import { app, type HttpFunctionOptions } from "@azure/functions";
import * as df from "durable-functions";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { z } from "zod";
import { WorkflowBuilder } from "../graph/builder.ts";
import { defineCatalog } from "../graph/catalog.ts";
import { defineExecutor } from "../graph/executor.ts";
import { serveWorkflows } from "./serve-workflows.ts";

const step = <Id extends string>(id: Id) =>
  defineExecutor({ id, input: z.number(), output: z.number(), handle: (value) => value });
const [first, second] = [step("First"), step("Second")];
const current = new WorkflowBuilder("Current", first).build();
const older = new WorkflowBuilder("Current", first).addEdge(first, second).build();
const removed = new WorkflowBuilder("Removed", first).build();

const spies = () => ({
  http: vi.spyOn(app, "http").mockImplementation(() => undefined),
  orchestration: vi.spyOn(df.app, "orchestration").mockReturnValue(vi.fn()),
  activity: vi.spyOn(df.app, "activity").mockReturnValue(vi.fn()),
  mcpTool: vi.spyOn(app, "mcpTool").mockImplementation(() => undefined),
});
let registered: ReturnType<typeof spies>;

beforeEach(() => {
  registered = spies();
});
afterEach(() => vi.restoreAllMocks());

const doors = () =>
  registered.http.mock.calls.map(([name, options]) => ({ name, ...(options as HttpFunctionOptions) }));

it("asks for a function key at every door", () => {
  serveWorkflows({ catalog: defineCatalog([current]) });
  expect(doors()).toHaveLength(14);
  expect(doors().filter(({ authLevel }) => authLevel !== "function")).toEqual([]);
});

it("hides no route behind another one, in whatever order the host tries them", () => {
  serveWorkflows({ catalog: defineCatalog([current]) });
  const segments = (route = "") => route.split("/");
  const couldBoth = (one: string | undefined, other: string | undefined) =>
    segments(one).length === segments(other).length &&
    segments(one).every((part, index) => {
      const otherPart = segments(other)[index] ?? "";
      return part.startsWith("{") || otherPart.startsWith("{") || part === otherPart;
    });
  const pairs = doors().flatMap((one) => doors().map((other) => [one, other] as const));
  const clashes = pairs.filter(
    ([one, other]) =>
      one.name < other.name &&
      one.methods?.some((m) => other.methods?.includes(m)) &&
      couldBoth(one.route, other.route),
  );
  expect(clashes.map(([one, other]) => `${one.route} ${other.route}`)).toEqual([]);
});

it("registers what is deployed, and what open runs of recorded plans may still call", () => {
  serveWorkflows({ catalog: defineCatalog([current]), recordedPlans: [current.plan, older.plan, removed.plan] });
  expect(registered.orchestration.mock.calls.map(([name]) => name)).toEqual(["dafx-Current", "dafx-Removed"]);
  expect(registered.activity.mock.calls.map(([name]) => name)).toEqual([
    "dafx-Current-First",
    "dafx-Current-Second",
    "dafx-Removed-First",
  ]);
});

it("has one file with an effect: loading any other one registers nothing", async () => {
  const all = readdirSync(new URL(".", import.meta.url), { recursive: true, encoding: "utf8" });
  const files = all.filter((file) => file.endsWith(".ts") && !/\.test\.ts$|^app\.ts$/.test(file));
  expect(files.length).toBeGreaterThan(15);
  vi.resetModules();
  for (const file of files) await import(new URL(file, import.meta.url).href);
  const calls = Object.values(registered).flatMap(({ mock }) => mock.calls as unknown[]);
  expect(calls).toEqual([]);
});
