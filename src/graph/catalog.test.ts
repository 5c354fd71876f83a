import { describe, expect, it } from "vitest";
import { z } from "zod";
import { WorkflowBuilder } from "./builder.ts";
import { checkDurableNames, defineCatalog } from "./catalog.ts";
import { defineExecutor } from "./executor.ts";

const executor = defineExecutor({ id: "Say", input: z.string(), output: z.string(), handle: (text) => text });
const workflow = <const Name extends string>(name: Name) => new WorkflowBuilder(name, executor).build();
const first = workflow("First");
const second = workflow("Second");

describe("a catalog", () => {
  const catalog = defineCatalog([first, second]);

  it("lists its workflows in order and finds one by its exact name", () => {
    expect(catalog.workflows).toEqual([first, second]);
    expect(catalog.get("Second")).toBe(second);
    expect(catalog.find("First")).toBe(first);
    expect(catalog.find("first")).toBeUndefined();
  });

  it("does not know another workflow", () => {
    expect(() => catalog.get("first")).toThrow(
      'There is no workflow "first". GET workflows lists the names; case counts.',
    );
  });

  it("refuses two workflows whose names are the same without case", () => {
    expect(() => defineCatalog([first, workflow("FIRST")])).toThrow(
      'Workflow "First" and Workflow "FIRST" both have the name "dafx-FIRST" on a durable host, which does not look at case. Rename one of them.',
    );
  });

  it("says so when one name is there twice", () => {
    expect(() => defineCatalog([first, workflow("First")])).toThrow(
      'Workflow "First" is in the catalog twice. Rename one of them.',
    );
  });
});

it("finds an activity that has the name of an orchestrator", () => {
  // build() lets no hyphen through; a plan recorded by something else might.
  const odd = { ...first, name: "First-say", plan: { ...first.plan, workflow: "First-say", executors: [] } };
  expect(() => checkDurableNames([first, odd])).toThrow(
    '"Say" of workflow "First" and Workflow "First-say" both have the name "dafx-First-say" on a durable host, which does not look at case. Rename one of them.',
  );
});
