import { z } from "zod";
import {
  defineExecutor,
  defineRequestPort,
  defineState,
  errorMessage,
  WorkflowBuilder,
  withId,
} from "../../src/index.ts";

/** Workflows with workflows in them. They keep nothing between two calls. */

const number = z.number();
const plus = <const Id extends string>(id: Id, more: number) =>
  defineExecutor({ id, input: number, output: number, handle: (value) => value + more });

/** Counts its calls in state of its own, so that a state that is shared shows. */
const calls = defineState({ name: "calls", schema: number, initial: 0 });
const first = defineExecutor({
  id: "First",
  input: number,
  output: number,
  state: { writes: [calls] },
  handle(value, { state }) {
    state.set(calls, state.get(calls) + 1);
    return value + 1;
  },
});
const last = defineExecutor({
  id: "Last",
  input: number,
  output: z.object({ value: number, calls: number, workflow: z.string(), callKey: z.string() }),
  state: { reads: [calls] },
  handle: (value, { state, workflow, callKey }) => ({ value, calls: state.get(calls), workflow, callKey }),
});
const counted = new WorkflowBuilder("Counted", first).addEdge(first, last).withOutputFrom(last).build();

const start = plus("Start", 10);
const tell = defineExecutor({ id: "Tell", input: z.json(), output: z.json(), handle: (value) => value });
const oneInner = new WorkflowBuilder("OneInner", start)
  .addEdge(start, counted)
  .addEdge(counted, tell)
  .withOutputFrom(tell)
  .build();

/** Two messages at once, and one from another node: three frames. */
const twice = defineExecutor({
  id: "Twice",
  input: number,
  sends: number,
  handle(value, { sendMessage }) {
    sendMessage(value);
    sendMessage(value * 2);
  },
});
const again = withId("CountedAgain", counted);
const manyFrames = new WorkflowBuilder("ManyFrames", twice)
  .addFanOut(twice, [again, counted])
  .withOutputFrom(counted, again)
  .build();

/** Three levels, each with a node of the level below as start, middle and end. */
const inc = plus("Inc", 1);
const level3 = new WorkflowBuilder("Level3", inc).withOutputFrom(inc).build();
const level2 = new WorkflowBuilder("Level2", level3).addEdge(level3, inc).withOutputFrom(inc).build();
const level1 = new WorkflowBuilder("Level1", inc).addEdge(inc, level2).withOutputFrom(level2).build();
const deep = new WorkflowBuilder("Deep", level1).addEdge(level1, inc).withOutputFrom(level1, inc).build();

/** What comes out of a sub-workflow is a message like any other: conditions, a switch and a selector have a say in it. */
const spread = defineExecutor({
  id: "Spread",
  input: number,
  yields: number,
  handle(value, { yieldOutput }) {
    for (const step of [0, 1, 2, 3]) yieldOutput(value + step);
  },
});
const values = new WorkflowBuilder("Values", spread).withOutputFrom(spread).build();
const valuesOfValues = new WorkflowBuilder("ValuesOfValues", values).withOutputFrom(values).build();
const says = <const Id extends string>(id: Id) =>
  defineExecutor({ id, input: number, output: z.string(), handle: (value) => `${id} ${value}` });
const [even, big, small, chosen] = [says("Even"), says("Big"), says("Small"), says("Chosen")];
const routedOutputs = new WorkflowBuilder("RoutedOutputs", valuesOfValues)
  .addEdge(valuesOfValues, even, { when: async (value) => value % 2 === 0 })
  .addSwitch(valuesOfValues, (on) => on.case((value) => value > 11, big).default(small))
  .addFanOut(valuesOfValues, [chosen], { select: (value) => (value === 13 ? [chosen] : []) })
  .withOutputFrom(even, big, small, chosen)
  .build();

/** Fan-ins of their own: one that waits for everybody, one that may have empty places. */
const maybe = defineExecutor({
  id: "Maybe",
  input: number,
  sends: number,
  handle(value, { sendMessage }) {
    if (value > 10) sendMessage(value);
  },
});
const pass = plus("Pass", 0);
const collect = defineExecutor({
  id: "Collect",
  input: z.array(number.nullable()),
  output: z.array(number.nullable()),
  handle: (list) => list,
});
const gaps = new WorkflowBuilder("Gaps", pass)
  .addFanOut(pass, [maybe, inc])
  .addFanIn([maybe, inc], collect, { allowMissing: true })
  .withOutputFrom(collect)
  .build();
const noGaps = new WorkflowBuilder("NoGaps", pass)
  .addFanOut(pass, [maybe, inc])
  .addFanIn([maybe, inc], collect)
  .withOutputFrom(collect)
  .build();
/** The outer fan-in gets its second message from a frame that has to notice by itself that it has nothing left to do. */
const outerCollect = defineExecutor({
  id: "OuterCollect",
  input: z.tuple([z.array(number.nullable()), number]),
  output: z.json(),
  handle: (list) => list,
});
const gapsInside = new WorkflowBuilder("GapsInside", pass)
  .addFanOut(pass, [gaps, inc])
  .addFanIn([gaps, inc], outerCollect)
  .withOutputFrom(outerCollect)
  .build();
const noGapsInside = new WorkflowBuilder("NoGapsInside", pass).addEdge(pass, noGaps).withOutputFrom(noGaps).build();

/** Fails two levels down. */
const breaks = defineExecutor({
  id: "Breaks",
  input: number,
  output: number,
  handle(value) {
    if (value > 100) throw Object.assign(new Error("Too much."), { code: "TOO_MUCH" });
    return value;
  },
});
const waits = defineRequestPort({ id: "Waits", request: number, response: number });
const fragile = new WorkflowBuilder("Fragile", pass)
  .addFanOut(pass, [waits, inc])
  .addEdge(inc, breaks)
  .withOutputFrom(waits, breaks)
  .build();
const holdsFragile = new WorkflowBuilder("HoldsFragile", fragile).withOutputFrom(fragile).build();
const failsInside = new WorkflowBuilder("FailsInside", start)
  .addEdge(start, holdsFragile)
  .withOutputFrom(holdsFragile)
  .build();
const mends = defineExecutor({
  id: "Mends",
  input: errorMessage(number),
  output: z.string(),
  handle: ({ executorId, input, error }) =>
    `${executorId} ${input}: ${error.code} at ${error.frame}~${error.executorId}`,
});
const mendedOutside = new WorkflowBuilder("MendedOutside", start)
  .addEdge(start, holdsFragile)
  .addErrorEdge(holdsFragile, mends)
  .withOutputFrom(holdsFragile, mends)
  .build();
const mendsInside = defineExecutor({
  id: "MendsInside",
  input: errorMessage(number),
  output: number,
  handle: ({ input }) => -input,
});
const mended = new WorkflowBuilder("Mended", breaks)
  .addErrorEdge(breaks, mendsInside)
  .withOutputFrom(breaks, mendsInside)
  .build();
const mendedWithin = new WorkflowBuilder("MendedWithin", start).addEdge(start, mended).withOutputFrom(mended).build();

/** Compensation, in whatever frame. */
const book = <const Id extends string>(id: Id) =>
  defineExecutor({ id, input: number, output: number, handle: (value) => value + 1, compensate: () => undefined });
const [hotel, flight, taxi] = [book("Hotel"), book("Flight"), book("Taxi")];
const trip = new WorkflowBuilder("Trip", hotel).addEdge(hotel, flight).withOutputFrom(flight).build();
const undone = new WorkflowBuilder("UndoneInside", taxi)
  .addEdge(taxi, trip)
  .addEdge(trip, breaks)
  .withOutputFrom(breaks)
  .build();

/** People are asked inside, by two calls at once. */
const question = z.object({ subject: z.string() });
const answer = z.object({ approved: z.boolean() });
const approval = defineRequestPort({
  id: "Approval",
  request: question,
  response: answer,
  sends: "requestAndResponse",
});
const decided = defineExecutor({
  id: "Decided",
  input: z.object({ request: question, response: answer }),
  output: z.string(),
  handle: ({ request, response }) => `${request.subject}: ${response.approved ? "yes" : "no"}`,
});
const approve = new WorkflowBuilder("Approve", approval).addEdge(approval, decided).withOutputFrom(decided).build();
const subjects = defineExecutor({
  id: "Subjects",
  input: z.array(z.string()),
  sends: question,
  handle(list, { sendMessage }) {
    for (const subject of list) sendMessage({ subject });
  },
});
const approvals = new WorkflowBuilder("Approvals", subjects).addEdge(subjects, approve).withOutputFrom(approve).build();

/** Halts in a frame: only the frame ends. */
const stopAtThree = defineExecutor({
  id: "StopAtThree",
  input: number,
  output: number,
  handle(value, { requestHalt }) {
    if (value === 3) requestHalt();
    return value + 1;
  },
});
const loop = new WorkflowBuilder("Loop", stopAtThree)
  .addEdge(stopAtThree, stopAtThree)
  .withOutputFrom(stopAtThree)
  .build();
const haltsInside = new WorkflowBuilder("HaltsInside", pass)
  .addEdge(pass, loop)
  .addEdge(loop, tell)
  .withOutputFrom(tell)
  .build();

/** Takes longer than it may, waiting for somebody. */
const limited = new WorkflowBuilder("Limited", waits).withTimeout(60).withOutputFrom(waits).build();
const limitedInside = new WorkflowBuilder("LimitedInside", pass)
  .addEdge(pass, limited)
  .addErrorEdge(limited, mends)
  .withOutputFrom(limited, mends)
  .build();

/** Takes longer than it may, in a call that never ends: its first one, or a later one, in whatever frame. */
const hangs = defineExecutor({
  id: "Hangs",
  input: number,
  output: number,
  retry: { maxAttempts: 3, firstDelayMs: 1, retryOn: () => true },
  handle: () => new Promise<number>(() => {}),
});
const hangsAtOnce = new WorkflowBuilder("HangsAtOnce", hangs).withTimeout(60).withOutputFrom(hangs).build();
const hangsLater = new WorkflowBuilder("HangsLater", pass).addEdge(pass, hangs).withOutputFrom(hangs).build();
const holdsHanging = new WorkflowBuilder("HoldsHanging", pass)
  .addEdge(pass, hangsLater)
  .withTimeout(80)
  .withOutputFrom(hangsLater)
  .build();
const hangsInside = new WorkflowBuilder("HangsInside", pass)
  .addEdge(pass, hangsAtOnce, { when: (value) => value === 1 })
  .addEdge(pass, holdsHanging, { when: (value) => value === 2 })
  .addErrorEdge(hangsAtOnce, mends)
  .addErrorEdge(holdsHanging, mends)
  .withOutputFrom(mends)
  .build();

/** One that stops at its signal, a little late, while the run goes on. */
const stopsLate = defineExecutor({
  id: "StopsLate",
  input: number,
  output: number,
  handle: (value, { signal }) =>
    new Promise<number>((resolve) => signal.addEventListener("abort", () => setTimeout(resolve, 20, value))),
});
const late = new WorkflowBuilder("Late", stopsLate).withTimeout(60).withOutputFrom(stopsLate).build();
const takesItsTime = defineExecutor({
  id: "TakesItsTime",
  input: errorMessage(number),
  output: number,
  handle: ({ input }) => new Promise<number>((resolve) => setTimeout(resolve, 400, input)),
});
const lateInside = new WorkflowBuilder("LateInside", late)
  .addErrorEdge(late, takesItsTime)
  .withOutputFrom(takesItsTime)
  .build();

/** One that is done in time, beside a call that takes longer than it might have. */
const takesLonger = defineExecutor({
  id: "TakesLonger",
  input: number,
  output: number,
  handle: (value) => new Promise<number>((resolve) => setTimeout(resolve, 400, value)),
});
const passAgain = withId("PassAgain", pass);
const quick = new WorkflowBuilder("Quick", pass)
  .addEdge(pass, passAgain)
  .withTimeout(200)
  .withOutputFrom(passAgain)
  .build();
const quickBesideLonger = new WorkflowBuilder("QuickBesideLonger", start)
  .addFanOut(start, [quick, pass])
  .addEdge(pass, takesLonger)
  .withOutputFrom(quick, takesLonger)
  .build();

/** Goes on until it is cancelled, or out of time. */
const pause = defineExecutor({
  id: "Pause",
  input: number,
  output: number,
  handle: async (value) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return value;
  },
});
const busy = new WorkflowBuilder("Busy", pause).addEdge(pause, pause).withLimits({ maxSupersteps: 100_000 }).build();
const busyInside = new WorkflowBuilder("BusyInside", hotel)
  .addFanOut(hotel, [busy, waits])
  .withLimits({ maxSupersteps: 100_000 })
  .build();
const busyForAWhile = new WorkflowBuilder("BusyForAWhile", pass)
  .addEdge(pass, busy)
  .withLimits({ maxSupersteps: 100_000 })
  .withTimeout(100)
  .build();

export const nestedWorkflows = [
  counted,
  oneInner,
  manyFrames,
  deep,
  routedOutputs,
  gapsInside,
  noGapsInside,
  failsInside,
  mendedOutside,
  mendedWithin,
  undone,
  approvals,
  haltsInside,
  limitedInside,
  hangsInside,
  lateInside,
  quickBesideLonger,
  busyInside,
  busyForAWhile,
] as const;
