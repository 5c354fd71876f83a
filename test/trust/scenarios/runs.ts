import { registerDurableFunctions } from "../../../src/durable/register.ts";
import type { WorkflowNode } from "../../../src/graph/runtime.ts";
import { catalog } from "../../conformance/workflows.ts";
import type { Wish } from "../support/user.ts";
import { answer, asks, cancel, startWorkflow } from "../support/wishes.ts";
import type { Scenario } from "./scenario.ts";

registerDurableFunctions(catalog, []);

const RUN = "run";
type Name = (typeof catalog)["workflows"][number]["name"];

const workflow = (name: Name): WorkflowNode => catalog.get(name) as unknown as WorkflowNode;

function run(name: Name, input: unknown, end: string, wishes: readonly Wish[] = []): Scenario {
  return {
    name: `the workflow ${name} with ${JSON.stringify(input)}`,
    wishes: [startWorkflow(workflow(name), RUN, input), ...wishes],
    ends: { [RUN]: end },
  };
}

const completed = (...outputs: unknown[]): string =>
  `Completed ${JSON.stringify({ format: 1, outputs: outputs.map((one) => JSON.stringify(one)), status: "completed" })}`;
const failed = (code: string): string => `Failed with ${code}`;
const yes = { approved: true };

/** Stories of workflows, as orchestrations. */
export const runScenarios: readonly Scenario[] = [
  run("Chain", 3, completed(64)),
  run("Conditions", 12, completed(12, 12)),
  run("Medals", 60, completed("Silver for 60")),
  run("FanOutAll", 3, completed(4, 6, 9)),
  run("FanOutSome", 7, completed(8, 49)),
  run("Diamond", 3, completed([4, 36])),
  run("FanInLoop", 5, completed(21_904)),
  run("Zip", 1, completed([2, 2], [3, 4], [4, 6])),
  run("WithGaps", 3, completed([null, 4])),
  run("WithoutGaps", 3, failed("FAN_IN_INCOMPLETE")),
  run("ManyCalls", 1, completed(2, 4, 6)),
  run("StateIsSeenNext", 5, completed(106, 100, 106)),
  run("TwoWriters", 5, failed("STATE_CONFLICT")),
  run("YieldAndReturn", 1, completed("at 1", "still at 1", 2, 4)),
  run("Failure", -1, failed("NO_MONEY")),
  run("Forever", 1, failed("MAX_SUPERSTEPS")),
  run("Retried", 3, completed({ attempt: 3, callKey: "ThirdTime-1-1", before: "BUSY: Not at attempt 2." })),
  run("ChosenRetries", "gone", failed("GONE")),
  run("Caught", { how: "bad" }, completed('Risky {"how":"bad"} NO_MONEY')),
  run("OneAfterTheOther", "a desk", completed("no (none)"), [
    answer(RUN, "manager-1", yes),
    answer(RUN, "finance-2", { approved: false }),
  ]),
  run("TwoApprovals", "a desk", completed("yes (none), no (too dear)"), [
    answer(RUN, "finance-2", { approved: false, comments: "too dear" }),
    answer(RUN, "manager-1", yes),
  ]),
  run("UntilYes", "a desk", completed("yes (none)"), [
    answer(RUN, "manager-1", { approved: false, comments: "later" }),
    answer(RUN, "manager-2", yes),
  ]),
  run("BusyBesidePerson", 3, completed("landed", "yes (none)"), [answer(RUN, "manager-1", yes)]),
  run("AnsweredByClock", "a desk", completed("no (the clock)")),
  run("Escalated", "a desk", completed("yes (a person)"), [answer(RUN, "boss-2", yes)]),
  run("UnansweredAndCaught", "a desk", completed('Lonely {"subject":"a desk"} REQUEST_TIMED_OUT')),
  run("BrokenOff", "poor", failed("NO_MONEY")),
  run("OneInner", 0, completed({ value: 11, calls: 1, workflow: "Counted", callKey: "Counted~1~Last-3-1" })),
  run("Deep", 0, completed(3, 4)),
  run(
    "ManyFrames",
    5,
    completed(
      ...[
        [6, "CountedAgain~1~Last-3-1"],
        [11, "CountedAgain~2~Last-3-1"],
        [6, "Counted~1~Last-3-1"],
        [11, "Counted~2~Last-3-1"],
      ].map(([value, callKey]) => ({ value, calls: 1, workflow: "Counted", callKey })),
    ),
  ),
  run("RoutedOutputs", 10, completed("Even 10", "Even 12", "Big 12", "Big 13", "Small 10", "Small 11", "Chosen 13")),
  run("MappedTwoAtATime", [1, 2, 3, 4, 5], completed([1, 4, 9, 16, 25])),
  run("MappedWorkflow", [1, 2, 3], completed([4, 6, 8])),
  run("MappedMaps", [[1, 2], [3]], completed([5, 9])),
  run("TwoMaps", [1, 2, 3], completed([1, 4, 9, 2, 4, 6])),
  run("Journey", "Rome", 'Completed {"format":1,"outputs":[],"status":"cancelled"}', [
    cancel(RUN, asks(RUN, "Confirm")),
  ]),
];
