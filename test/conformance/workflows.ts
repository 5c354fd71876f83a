import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import {
  defineCatalog,
  defineExecutor,
  defineRequestPort,
  defineState,
  WorkflowBuilder,
  withId,
} from "../../src/index.ts";
import { agentWorkflows } from "./agent-workflows.ts";
import { anythingWorkflows } from "./anything-workflows.ts";
import { failingWorkflows } from "./failing-workflows.ts";
import { mapWorkflows } from "./map-workflows.ts";
import { nestedWorkflows } from "./nested-workflows.ts";
import { racingWorkflows } from "./racing-workflows.ts";
import { stoppingWorkflows } from "./stopping-workflows.ts";

/**
 * The workflows that every runner has to run alike. They keep nothing between two calls, so that any number of runs, in any
 * number of processes, can share them.
 */

const addOne = defineExecutor({ id: "AddOne", input: z.number(), output: z.number(), handle: (value) => value + 1 });
const double = defineExecutor({ id: "Double", input: z.number(), output: z.number(), handle: (value) => value * 2 });
const square = defineExecutor({ id: "Square", input: z.number(), output: z.number(), handle: (value) => value ** 2 });
const pass = defineExecutor({ id: "Pass", input: z.number(), output: z.number(), handle: (value) => value });
const collect = defineExecutor({
  id: "Collect",
  input: z.array(z.number()),
  output: z.array(z.number()),
  handle: (values) => values,
});

const chain = new WorkflowBuilder("Chain", addOne)
  .addEdge(addOne, double)
  .addEdge(double, square)
  .withOutputFrom(square)
  .build();

/** Any JSON value goes through two executors, and has to come out as it went in. */
const echo = defineExecutor({ id: "Echo", input: z.json(), output: z.json(), handle: (value) => value });
const echoes = new WorkflowBuilder("Echoes", echo).addEdge(echo, withId("EchoAgain", echo)).build();

const even = withId("Even", pass);
const large = withId("Large", pass);
const conditions = new WorkflowBuilder("Conditions", pass)
  .addEdge(pass, even, { when: (value) => value % 2 === 0 })
  .addEdge(pass, large, { when: async (value) => value > 10 })
  .withOutputFrom(even, large)
  .build();

const label = <const Id extends string>(id: Id) =>
  defineExecutor({ id, input: z.number(), output: z.string(), handle: (points) => `${id} for ${points}` });
const gold = label("Gold");
const silver = label("Silver");
const none = label("None");
const medals = new WorkflowBuilder("Medals", pass)
  .addSwitch(pass, (on) =>
    on
      .case((points) => points >= 90, gold)
      .case((points) => points >= 50, silver)
      .default(none),
  )
  .build();
const medalOrNothing = new WorkflowBuilder("MedalOrNothing", pass)
  .addSwitch(pass, (on) => on.case((points) => points >= 90, gold).dropRest())
  .build();

const fanOutAll = new WorkflowBuilder("FanOutAll", pass).addFanOut(pass, [addOne, double, square]).build();
const fanOutSome = new WorkflowBuilder("FanOutSome", pass)
  .addFanOut(pass, [addOne, double, square], { select: (value) => (value > 5 ? [square, addOne] : []) })
  .build();

const diamond = new WorkflowBuilder("Diamond", pass)
  .addFanOut(pass, [addOne, double])
  .addEdge(double, square)
  .addFanIn([addOne, square], collect)
  .build();

/** Goes round until the sum of both branches is above 100. */
const sumUp = defineExecutor({
  id: "SumUp",
  input: z.tuple([z.number(), z.number()]),
  output: z.number(),
  handle: ([left, right]) => left + right,
});
const fanInLoop = new WorkflowBuilder("FanInLoop", pass)
  .addFanOut(pass, [addOne, double])
  .addFanIn([addOne, double], sumUp)
  .addSwitch(sumUp, (on) => on.case((sum) => sum <= 100, pass).default(square))
  .withOutputFrom(square)
  .build();

/** Sends three numbers: a fan-in has to keep what it cannot use yet. */
const three = defineExecutor({
  id: "Three",
  input: z.number(),
  sends: z.number(),
  handle(value, { sendMessage }) {
    for (const step of [0, 1, 2]) sendMessage(value + step);
  },
});
const zip = new WorkflowBuilder("Zip", three)
  .addFanOut(three, [addOne, double])
  .addFanIn([addOne, double], collect)
  .build();

const maybe = defineExecutor({
  id: "Maybe",
  input: z.number(),
  sends: z.number(),
  handle(value, { sendMessage }) {
    if (value > 10) sendMessage(value);
  },
});
const collectSome = defineExecutor({
  id: "CollectSome",
  input: z.tuple([z.number().nullable(), z.number().nullable()]),
  output: z.array(z.number().nullable()),
  handle: (values) => values,
});
const withGaps = new WorkflowBuilder("WithGaps", pass)
  .addFanOut(pass, [maybe, addOne])
  .addFanIn([maybe, addOne], collectSome, { allowMissing: true })
  .build();
const withoutGaps = new WorkflowBuilder("WithoutGaps", pass)
  .addFanOut(pass, [maybe, addOne])
  .addFanIn([maybe, addOne], collect)
  .build();

const question = z.object({ subject: z.string() });
const decision = z.object({ approved: z.boolean(), comments: z.string().default("none") });
const ask = defineExecutor({ id: "Ask", input: z.string(), output: question, handle: (subject) => ({ subject }) });
const manager = defineRequestPort({ id: "Manager", request: question, response: decision });
const finance = defineRequestPort({ id: "Finance", request: question, response: decision });
const verdict = defineExecutor({
  id: "Verdict",
  input: z.array(decision),
  output: z.string(),
  handle: (decisions) =>
    decisions.map(({ approved, comments }) => `${approved ? "yes" : "no"} (${comments})`).join(", "),
});
const twoApprovals = new WorkflowBuilder("TwoApprovals", ask)
  .addFanOut(ask, [manager, finance])
  .addFanIn([manager, finance], verdict)
  .build();

const askAgain = defineExecutor({
  id: "AskAgain",
  input: decision,
  output: question,
  handle: ({ comments }) => ({ subject: `after ${comments}` }),
});
const oneDecision = defineExecutor({
  id: "OneDecision",
  input: decision,
  output: z.string(),
  handle: ({ approved, comments }) => `${approved ? "yes" : "no"} (${comments})`,
});
const oneAfterTheOther = new WorkflowBuilder("OneAfterTheOther", ask)
  .addEdge(ask, manager)
  .addEdge(manager, askAgain)
  .addEdge(askAgain, finance)
  .addEdge(finance, oneDecision)
  .build();

const signOff = defineRequestPort({
  id: "SignOff",
  request: question,
  response: decision,
  sends: "requestAndResponse",
});
const signed = defineExecutor({
  id: "Signed",
  input: z.object({ request: question, response: decision }),
  output: z.string(),
  handle: ({ request, response }) => `${request.subject}: ${response.approved ? "yes" : "no"}`,
});
const subjectIsKept = new WorkflowBuilder("SubjectIsKept", ask).addEdge(ask, signOff).addEdge(signOff, signed).build();

const askMany = defineExecutor({
  id: "AskMany",
  input: z.array(z.string()),
  sends: question,
  handle(subjects, { sendMessage }) {
    for (const subject of subjects) sendMessage({ subject });
  },
});
const manyQuestions = new WorkflowBuilder("ManyQuestions", askMany)
  .addEdge(askMany, manager)
  .addEdge(manager, oneDecision)
  .build();

/** One branch asks a person, the other one counts down meanwhile. */
const countDown = defineExecutor({
  id: "CountDown",
  input: z.number(),
  output: z.number(),
  handle: (value) => value - 1,
});
const landed = defineExecutor({ id: "Landed", input: z.number(), output: z.string(), handle: () => "landed" });
const askForPermission = defineExecutor({
  id: "AskForPermission",
  input: z.number(),
  output: question,
  handle: (value) => ({ subject: `from ${value}` }),
});
const busyBesidePerson = new WorkflowBuilder("BusyBesidePerson", pass)
  .addFanOut(pass, [askForPermission, countDown])
  .addEdge(askForPermission, manager)
  .addSwitch(countDown, (on) => on.case((value) => value > 0, countDown).default(landed))
  .addEdge(manager, oneDecision)
  .withOutputFrom(landed, oneDecision)
  .build();

/** One branch asks a person, the other one never comes to an end. */
const turnRound = defineExecutor({
  id: "TurnRound",
  input: z.number(),
  output: z.number(),
  async handle(value) {
    await delay(5);
    return value + 1;
  },
});
const loopBesidePerson = new WorkflowBuilder("LoopBesidePerson", pass)
  .addFanOut(pass, [askForPermission, turnRound])
  .addEdge(askForPermission, manager)
  .addEdge(turnRound, turnRound)
  .addEdge(manager, oneDecision)
  .withOutputFrom(oneDecision)
  .withLimits({ maxSupersteps: 100_000 })
  .build();

/** One branch asks a person; when the question is open, the other one takes its time. */
const slow = defineExecutor({
  id: "Slow",
  input: z.number(),
  output: z.string(),
  async handle() {
    await delay(1_000);
    return "landed";
  },
});
const slowBesidePerson = new WorkflowBuilder("SlowBesidePerson", pass)
  .addFanOut(pass, [askForPermission, countDown])
  .addEdge(askForPermission, manager)
  .addSwitch(countDown, (on) => on.case((value) => value > 0, countDown).default(slow))
  .addEdge(manager, oneDecision)
  .withOutputFrom(slow, oneDecision)
  .build();

const askUntilYes = defineExecutor({
  id: "AskUntilYes",
  input: z.union([z.string(), decision]),
  output: question,
  handle: (start) => ({ subject: typeof start === "string" ? start : `again after ${start.comments}` }),
});
const untilYes = new WorkflowBuilder("UntilYes", askUntilYes)
  .addEdge(askUntilYes, manager)
  .addSwitch(manager, (on) => on.case(({ approved }) => approved, oneDecision).default(askUntilYes))
  .withOutputFrom(oneDecision)
  .build();

const total = defineState({ name: "total", schema: z.number(), initial: 100 });
const deposit = defineExecutor({
  id: "Deposit",
  input: z.number(),
  output: z.number(),
  state: { writes: [total] },
  handle(amount, { state }) {
    state.set(total, state.get(total) + amount);
    state.set(total, state.get(total) + 1);
    return state.get(total);
  },
});
const readTotal = <const Id extends string>(id: Id) =>
  defineExecutor({
    id,
    input: z.number(),
    output: z.number(),
    state: { reads: [total] },
    handle: (_message, { state }) => state.get(total),
  });
const beside = readTotal("Beside");
const behind = readTotal("Behind");
const stateIsSeenNext = new WorkflowBuilder("StateIsSeenNext", pass)
  .addFanOut(pass, [deposit, beside])
  .addEdge(deposit, behind)
  .withOutputFrom(deposit, beside, behind)
  .build();
const depositToo = withId("DepositToo", deposit);
const twoWriters = new WorkflowBuilder("TwoWriters", pass).addFanOut(pass, [deposit, depositToo]).build();

const counter = defineExecutor({
  id: "Counter",
  input: z.number(),
  output: z.number(),
  yields: z.string(),
  handle(value, { yieldOutput }) {
    yieldOutput(`at ${value}`);
    yieldOutput(`still at ${value}`);
    return value + 1;
  },
});
const yieldAndReturn = new WorkflowBuilder("YieldAndReturn", counter)
  .addEdge(counter, square)
  .withOutputFrom(counter, square)
  .build();

const silent = defineExecutor({ id: "Silent", input: z.json(), handle: () => undefined });
const withoutOutput = new WorkflowBuilder("WithoutOutput", silent).build();

const teller = defineExecutor({
  id: "Teller",
  input: z.number(),
  output: z.number(),
  handle(value, { emit }) {
    emit("progress", { percent: 50 });
    emit("done");
    return value;
  },
});
const emits = new WorkflowBuilder("Emits", teller).build();

const thinker = defineExecutor({
  id: "Thinker",
  input: z.number(),
  output: z.number(),
  handle(value, { addUsage }) {
    addUsage({ inputTokens: 10, outputTokens: value });
    addUsage({ inputTokens: 20, outputTokens: 0 });
    return value;
  },
});
const secondThought = defineExecutor({
  id: "SecondThought",
  input: z.number(),
  output: z.number(),
  retry: { maxAttempts: 2, firstDelayMs: 1 },
  handle(value, { addUsage, attempt }) {
    addUsage({ inputTokens: 1, outputTokens: 1, modelCalls: 3 });
    if (attempt === 1) throw new Error("That was not it.");
    return value;
  },
});
const countsTokens = new WorkflowBuilder("CountsTokens", thinker).addEdge(thinker, secondThought).build();

const stopAtThree = defineExecutor({
  id: "StopAtThree",
  input: z.number(),
  output: z.number(),
  handle(value, { requestHalt }) {
    if (value === 3) requestHalt();
    return value + 1;
  },
});
const halts = new WorkflowBuilder("Halts", stopAtThree)
  .addEdge(stopAtThree, stopAtThree)
  .withOutputFrom(stopAtThree)
  .build();

const bank = { name: "BankError", message: "The account is closed." };
const fails = defineExecutor({
  id: "Fails",
  input: z.number(),
  output: z.number(),
  handle(value) {
    if (value < 0)
      throw Object.assign(new Error("No money."), {
        code: "NO_MONEY",
        cause: Object.assign(new Error(bank.message), { name: bank.name }),
      });
    if (value === 0) throw "just text";
    return value;
  },
});
const failsBeside = withId("FailsBeside", fails);
const failure = new WorkflowBuilder("Failure", pass)
  .addFanOut(pass, [addOne, fails, failsBeside])
  .withOutputFrom(addOne, fails, failsBeside)
  .build();

const lies = defineExecutor({
  id: "Lies",
  input: z.string(),
  output: z.object({ at: z.unknown() }),
  handle: (what) => ({ at: what === "date" ? new Date(0) : what === "nan" ? Number.NaN : new Map() }),
});
const wrongValues = new WorkflowBuilder("WrongValues", lies).build();

const forever = new WorkflowBuilder("Forever", addOne).addEdge(addOne, addOne).withLimits({ maxSupersteps: 5 }).build();

const swell = defineExecutor({
  id: "Swell",
  input: z.string(),
  output: z.string(),
  handle: (text) => text + text,
});
const swells = new WorkflowBuilder("Swells", swell).addEdge(swell, swell).withLimits({ maxStateChars: 1_000 }).build();

const manyCalls = new WorkflowBuilder("ManyCalls", three)
  .addEdge(three, double)
  .withLimits({ maxCallsPerSuperstep: 2 })
  .build();

const spread = defineExecutor({
  id: "Spread",
  input: z.number(),
  sends: z.number(),
  handle(value, { sendMessage }) {
    sendMessage(value, { to: double });
    sendMessage(value + 1, { to: addOne });
    sendMessage(value + 2);
  },
});
const targets = new WorkflowBuilder("Targets", spread).addFanOut(spread, [addOne, double]).build();

/** One start for work of two kinds: each begins where it has to, and what comes of both meets again. */
const job = z.object({ numbers: z.array(z.number()), text: z.string().nullable() });
const shout = defineExecutor({
  id: "Shout",
  input: z.string(),
  output: z.string(),
  handle: (text) => text.toUpperCase(),
});
const dispatch = defineExecutor({
  id: "Dispatch",
  input: job,
  output: z.string(),
  sends: z.union([z.number(), z.string()]),
  handle({ numbers, text }, { sendMessage }) {
    for (const value of numbers) sendMessage(value, { to: double });
    if (text !== null) sendMessage(text, { to: shout });
    return `${numbers.length} numbers`;
  },
});
const isNumber = (message: number | string) => typeof message === "number";
const isText = (message: number | string) => typeof message === "string";
const severalStarts = new WorkflowBuilder("SeveralStarts", dispatch)
  .addEdge(dispatch, double, { when: isNumber })
  .addEdge(dispatch, shout, { when: isText })
  .addEdge(double, double, { when: (value) => value < 50 })
  .withOutputFrom(double, shout)
  .build();

const pause = defineExecutor({
  id: "Pause",
  input: z.number(),
  output: z.number(),
  handle: async (value) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return value + 1;
  },
});
const endless = new WorkflowBuilder("Endless", pause)
  .addEdge(pause, pause)
  .withLimits({ maxSupersteps: 100_000 })
  .build();

export const catalog = defineCatalog([
  chain,
  echoes,
  conditions,
  medals,
  medalOrNothing,
  fanOutAll,
  fanOutSome,
  diamond,
  fanInLoop,
  zip,
  withGaps,
  withoutGaps,
  twoApprovals,
  oneAfterTheOther,
  subjectIsKept,
  manyQuestions,
  busyBesidePerson,
  loopBesidePerson,
  slowBesidePerson,
  untilYes,
  stateIsSeenNext,
  twoWriters,
  yieldAndReturn,
  withoutOutput,
  emits,
  countsTokens,
  halts,
  failure,
  wrongValues,
  forever,
  swells,
  manyCalls,
  targets,
  severalStarts,
  endless,
  ...failingWorkflows,
  ...racingWorkflows,
  ...nestedWorkflows,
  ...agentWorkflows,
  ...mapWorkflows,
  ...stoppingWorkflows,
  ...anythingWorkflows,
]);

/** Names of the workflows, as suites start them. */
export type ConformanceWorkflow = (typeof catalog)["workflows"][number]["name"];
