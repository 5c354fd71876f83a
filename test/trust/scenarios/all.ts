import { orchestrationScenarios } from "./orchestrations.ts";
import { runScenarios } from "./runs.ts";
import type { Scenario } from "./scenario.ts";

export const scenarios: readonly Scenario[] = [...orchestrationScenarios, ...runScenarios];
