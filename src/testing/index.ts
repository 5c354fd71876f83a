export type { ScriptedAnswers } from "./answers.ts";
export { runInTest, type TestedRun, type TestScript } from "./run-in-test.ts";
export { hang, type Mock, type ScriptedFailure } from "./user-code.ts";
export { VirtualClock } from "./virtual-clock.ts";
