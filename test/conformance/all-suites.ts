import { agentsSuite } from "./agents.suite.ts";
import { anythingSuite } from "./anything.suite.ts";
import { endingSuite } from "./ending.suite.ts";
import { failureSuite } from "./failure.suite.ts";
import { fanInSuite } from "./fan-in.suite.ts";
import { framesSuite } from "./frames.suite.ts";
import { mapsSuite } from "./maps.suite.ts";
import { portsSuite } from "./ports.suite.ts";
import { resultsSuite } from "./results.suite.ts";
import { routingSuite } from "./routing.suite.ts";
import type { RunnerUnderTest } from "./runner-under-test.ts";
import { stoppingSuite } from "./stopping.suite.ts";

/** What every runner has to pass. */
export function conformance(runner: RunnerUnderTest): void {
  routingSuite(runner);
  fanInSuite(runner);
  portsSuite(runner);
  resultsSuite(runner);
  endingSuite(runner);
  failureSuite(runner);
  framesSuite(runner);
  mapsSuite(runner);
  stoppingSuite(runner);
  anythingSuite(runner);
  agentsSuite(runner);
}
