import { z } from "zod";
import { type Catalog, defineCatalog, defineExecutor, defineRequestPort, WorkflowBuilder } from "../../../src/index.ts";

/** One app before and after its graphs were changed. Every workflow asks first, so that a run can wait for the deployment. */

const number = z.number();
const ask = defineRequestPort({ id: "Ask", request: number, response: number });
const step = <const Id extends string>(id: Id, add: number) =>
  defineExecutor({ id, input: number, output: number, handle: (value) => value + add });
const [pay, payOut, extra, last] = [step("Pay", 1), step("PayOut", 2), step("Extra", 10), step("Last", 100)];
const [first, second] = [step("First", 1), step("Second", 2)];
const [small, large] = [step("Small", 1_000), step("Large", 2_000)];
const join = defineExecutor({ id: "Join", input: z.array(number), output: z.array(number), handle: (list) => list });

const asking = <const Name extends string>(name: Name) => new WorkflowBuilder(name, ask);

/** An executor gets another name. */
const renamed = {
  before: asking("Renamed").addEdge(ask, pay).build(),
  after: asking("Renamed").addEdge(ask, payOut).build(),
};

/** An executor is taken out of the middle. */
const removed = {
  before: asking("Removed").addEdge(ask, extra).addEdge(extra, last).build(),
  after: asking("Removed").addEdge(ask, last).build(),
};

/** The same executors, in another order. */
const reordered = {
  before: asking("Reordered").addFanOut(ask, [first, second]).addFanIn([first, second], join).build(),
  after: asking("Reordered").addFanOut(ask, [second, first]).addFanIn([second, first], join).build(),
};

/** The conditions have the same edges, and other answers. */
const sizes = (limit: number) =>
  asking("Resized")
    .addEdge(ask, small, { when: (value) => value < limit })
    .addEdge(ask, large, { when: (value) => value >= limit })
    .build();
const resized = { before: sizes(10), after: sizes(100) };

/** A condition is taken off its edge. */
const unconditional = {
  before: asking("Unconditional")
    .addEdge(ask, last, { when: (value) => value > 0 })
    .build(),
  after: asking("Unconditional").addEdge(ask, last).build(),
};

/** The whole workflow is gone. */
const gone = asking("Gone").addEdge(ask, last).build();

export type Build = "before" | "after";

export const builds: Readonly<Record<Build, Catalog>> = {
  before: defineCatalog([renamed.before, removed.before, reordered.before, resized.before, unconditional.before, gone]),
  after: defineCatalog([renamed.after, removed.after, reordered.after, resized.after, unconditional.after]),
};
