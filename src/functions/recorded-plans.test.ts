import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { z } from "zod";
import { WorkflowBuilder } from "../graph/builder.ts";
import { defineExecutor } from "../graph/executor.ts";
import { recordedPlanPath, recordPlan } from "../graph/record.ts";
import { readRecordedPlans } from "./recorded-plans.ts";

const folder = mkdtempSync(join(tmpdir(), "recorded-plans-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("finds none where there is no folder", () => {
  expect(readRecordedPlans(join(folder, "missing"))).toEqual([]);
});

it("reads the plans that were recorded, and names a file that is none", () => {
  const only = defineExecutor({ id: "Only", input: z.number(), handle: () => undefined });
  const workflow = new WorkflowBuilder("Recorded", only).build();
  mkdirSync(join(folder, "Recorded"));
  writeFileSync(join(folder, recordedPlanPath(workflow)), JSON.stringify(recordPlan(workflow)));
  writeFileSync(join(folder, "README.md"), "Plans are recorded here.");
  expect(readRecordedPlans(folder)).toEqual([workflow.plan]);
  writeFileSync(join(folder, "Recorded", "broken.json"), "{}");
  expect(() => readRecordedPlans(folder)).toThrow("broken.json is no recorded plan of this version.");
});
