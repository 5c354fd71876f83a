import { createInProcessRunner } from "../../src/index.ts";
import { conformance } from "./all-suites.ts";
import { runnerUnderTest } from "./runner-under-test.ts";

const runner = createInProcessRunner();

conformance(runnerUnderTest("in process", () => runner));
