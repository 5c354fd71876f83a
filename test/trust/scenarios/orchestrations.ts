import type { EntityContext, OrchestrationContext, Task } from "durable-functions";
import { df } from "../../support/capture-functions.ts";
import type { Wish } from "../support/user.ts";
import { is, purge, raise, resume, rewind, start, suspend, terminate } from "../support/wishes.ts";
import type { Scenario } from "./scenario.ts";

type Flow = Generator<Task, unknown, unknown>;
type Context = OrchestrationContext["df"];

df.app.activity("Say", { handler: (word: { word: string }) => word.word });
df.app.activity("Break", {
  handler: ({ why }: { why: string }) => {
    throw new Error(why);
  },
});
/** Fails as often as its own input says, told apart by the attempt that the orchestrator counts. */
df.app.activity("BreakUntil", {
  handler: ({ attempt, good }: { attempt: number; good: number }) => {
    if (attempt < good) throw new Error(`not at ${attempt}`);
    return attempt;
  },
});
/** Each operation is a line of its state, so one that is lost or counted twice shows. */
df.app.entity("Book", (context: EntityContext<string[]>) => {
  const lines = [...(context.df.getState(() => []) ?? []), `${context.df.operationName}`];
  if (context.df.operationName === "pass") context.df.signalEntity(new df.EntityId("Book", "third"), "passed", {});
  context.df.setState(lines);
  context.df.return(lines.length);
});

function orchestration(name: string, flow: (df: Context) => Flow): void {
  df.app.orchestration(name, function* (context: OrchestrationContext): Flow {
    return yield* flow(context.df);
  });
}

const say = (context: Context, word: string): Task => context.callActivity("Say", { word });
const after = (context: Context, delayMs: number) =>
  context.createTimer(new Date(context.currentUtcDateTime.getTime() + delayMs));
const book = (key: string) => new df.EntityId("Book", key);

orchestration("OneStep", function* (context) {
  return yield say(context, "hello");
});
orchestration("FiveSteps", function* (context) {
  const words: unknown[] = [];
  for (const word of ["a", "b", "c", "d", "e"]) words.push(yield say(context, word));
  return words.join("");
});
orchestration("FanOut", function* (context) {
  const words = (yield context.Task.all(["a", "b", "c", "d"].map((word) => say(context, word)))) as string[];
  return words.join("");
});
orchestration("Sleep", function* (context) {
  yield after(context, 1_000);
  return yield say(context, "awake");
});
orchestration("SleepInLegs", function* (context) {
  yield after(context, 45_000);
  return "rested";
});
orchestration("FailsAndIsCaught", function* (context) {
  try {
    yield context.callActivity("Break", { why: "no money" });
  } catch {
    return yield say(context, "caught");
  }
  return "not caught";
});
orchestration("Fails", function* (context) {
  return yield context.callActivity("Break", { why: "no money" });
});
orchestration("TriesAgain", function* (context) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return yield context.callActivity("BreakUntil", { attempt, good: 3 });
    } catch {
      yield after(context, 500);
    }
  }
});
orchestration("RetriesInVain", function* (context) {
  try {
    yield context.callActivityWithRetry("Break", new df.RetryOptions(300, 3), { why: "closed" });
  } catch {
    return "given up";
  }
  return "not given up";
});
orchestration("WaitsForTwo", function* (context) {
  const first = yield context.waitForExternalEvent("First");
  const second = yield context.waitForExternalEvent("Second");
  return [first, second];
});
orchestration("EventOrTime", function* (context) {
  const event = context.waitForExternalEvent("Word");
  const time = after(context, 5_000);
  const winner = yield context.Task.any([event, time]);
  if (winner === event) time.cancel();
  return yield say(context, winner === event ? `event ${event.result}` : "time");
});
orchestration("Child", function* (context) {
  return yield say(context, "child");
});
orchestration("Parent", function* (context) {
  const named = yield context.callSubOrchestrator("Child", null, "a-child");
  return [named, yield context.callSubOrchestrator("Child", null, "b-child")];
});
orchestration("ParentOfThree", function* (context) {
  const children = ["x", "y", "z"].map((id) => context.callSubOrchestrator("Child", null, `${id}-child`));
  return yield context.Task.all(children);
});
orchestration("ParentOfAFailure", function* (context) {
  try {
    yield context.callSubOrchestrator("Fails", null, "failing-child");
  } catch {
    return "the child failed";
  }
  return "the child did not fail";
});
orchestration("Generations", function* (context) {
  const { round, words } = context.getInput() as { round: number; words: unknown[] };
  words.push(yield say(context, `round ${round}`));
  if (round === 3) return words;
  context.continueAsNew({ round: round + 1, words });
  return undefined;
});
/** One wait beside a timer before each new generation, so that nothing raised meanwhile is lost. */
orchestration("GenerationsOfMail", function* (context) {
  const { words } = context.getInput() as { words: unknown[] };
  for (;;) {
    yield after(context, 400);
    const mail = context.waitForExternalEvent("Mail");
    const now = after(context, 0);
    const winner = yield context.Task.any([mail, now]);
    if (winner !== mail) break;
    now.cancel();
    // What was not acknowledged is sent again.
    if (!words.includes(mail.result)) words.push(mail.result);
    if (words.length === 3) return words;
    yield say(context, "read");
  }
  context.continueAsNew({ words });
  return undefined;
});
orchestration("CallsAnEntity", function* (context) {
  const counts = [yield context.callEntity(book("first"), "open", {})];
  counts.push(yield context.callEntity(book("first"), "write", {}));
  context.signalEntity(book("second"), "signal", {});
  return counts;
});
orchestration("CriticalSection", function* (context) {
  const lock = (yield context.lock(book("second"), book("first"))) as { release(): void };
  const counts = [yield context.callEntity(book("first"), "locked", {})];
  counts.push(yield context.callEntity(book("second"), "pass", {}));
  lock.release();
  counts.push(yield context.callEntity(book("first"), "close", {}));
  return counts;
});
orchestration("ShowsItsStatus", function* (context) {
  for (const part of [1, 2, 3]) {
    context.setCustomStatus({ part });
    yield say(context, `part ${part}`);
  }
  return "shown";
});
/** Whoever comes first, nobody else writes between the two lines. */
orchestration("Rivals", function* (context) {
  const lock = (yield context.lock(book("first"), book("second"))) as { release(): void };
  const before = (yield context.callEntity(book("first"), "mine", {})) as number;
  yield say(context, "working");
  const behind = (yield context.callEntity(book("first"), "still mine", {})) as number;
  lock.release();
  return behind - before;
});
let isClosed = true;
df.app.activity("Shop", {
  handler: () => {
    if (isClosed) throw new Error("closed");
    return "bought";
  },
});
orchestration("Shopping", function* (context) {
  const list = yield say(context, "list");
  return [list, yield context.callActivity("Shop", {})];
});

const ONE = "one";

function closeShop(): Wish {
  return async () => ({
    send: async () => {
      isClosed = true;
      return true;
    },
  });
}

function openShop(instanceId: string): Wish {
  return async (hub) => {
    if (!(await is(instanceId, "Failed")(hub))) return null;
    return {
      send: async () => {
        isClosed = false;
        return true;
      },
    };
  };
}

/** Stories of plain orchestrations. */
export const orchestrationScenarios: readonly Scenario[] = [
  { name: "one step", wishes: [start("OneStep", ONE)], ends: { one: 'Completed "hello"' } },
  { name: "five steps in a row", wishes: [start("FiveSteps", ONE)], ends: { one: 'Completed "abcde"' } },
  { name: "four steps at once", wishes: [start("FanOut", ONE)], ends: { one: 'Completed "abcd"' } },
  { name: "a sleep", wishes: [start("Sleep", ONE)], ends: { one: 'Completed "awake"' } },
  {
    name: "a long sleep, in legs",
    wishes: [start("SleepInLegs", ONE)],
    ends: { one: 'Completed "rested"' },
    lookMs: 7_000,
  },
  { name: "a failure that is caught", wishes: [start("FailsAndIsCaught", ONE)], ends: { one: 'Completed "caught"' } },
  {
    name: "a failure that nobody catches",
    wishes: [start("Fails", ONE)],
    ends: { one: "Failed Orchestrator function 'Fails' failed: Activity function 'Break' failed:  no money" },
  },
  { name: "attempts of its own", wishes: [start("TriesAgain", ONE)], ends: { one: "Completed 3" } },
  { name: "retries in vain", wishes: [start("RetriesInVain", ONE)], ends: { one: 'Completed "given up"' } },
  {
    name: "two events",
    wishes: [start("WaitsForTwo", ONE), raise(ONE, "First", "first"), raise(ONE, "Second", "second")],
    ends: { one: 'Completed ["first","second"]' },
  },
  {
    name: "an event that comes in time",
    wishes: [start("EventOrTime", ONE), raise(ONE, "Word", "hello")],
    ends: { one: 'Completed "event hello"' },
  },
  { name: "an event that does not come", wishes: [start("EventOrTime", ONE)], ends: { one: 'Completed "time"' } },
  {
    name: "two children, one after the other",
    wishes: [start("Parent", ONE)],
    ends: { one: 'Completed ["child","child"]', "a-child": 'Completed "child"', "b-child": 'Completed "child"' },
  },
  {
    name: "three children at once",
    wishes: [start("ParentOfThree", ONE)],
    ends: { one: 'Completed ["child","child","child"]', "x-child": 'Completed "child"' },
  },
  {
    name: "a child that fails",
    wishes: [start("ParentOfAFailure", ONE)],
    ends: { one: 'Completed "the child failed"' },
  },
  {
    name: "three generations",
    wishes: [start("Generations", ONE, { round: 1, words: [] })],
    ends: { one: 'Completed ["round 1","round 2","round 3"]' },
    cutShort: [ONE],
  },
  {
    name: "mail that comes between generations",
    wishes: [
      start("GenerationsOfMail", ONE, { words: [] }),
      ...["a", "b", "c"].map((word) => raise(ONE, "Mail", word)),
    ],
    ends: { one: 'Completed ["a","b","c"]' },
    cutShort: [ONE],
  },
  {
    name: "calls of an entity, and a signal",
    wishes: [start("CallsAnEntity", ONE)],
    ends: { one: "Completed [1,2]" },
    entities: { "Book/first": '["open","write"]', "Book/second": '["signal"]' },
  },
  {
    name: "a critical section over two entities",
    wishes: [start("CriticalSection", ONE)],
    ends: { one: "Completed [1,1,2]" },
    entities: { "Book/first": '["locked","close"]', "Book/second": '["pass"]', "Book/third": '["passed"]' },
  },
  {
    name: "two critical sections that want the same",
    wishes: [start("Rivals", ONE), start("Rivals", "two")],
    ends: { one: "Completed 1", two: "Completed 1" },
    entities: { "Book/first": '["mine","still mine","mine","still mine"]' },
  },
  {
    name: "a custom status in three parts",
    wishes: [start("ShowsItsStatus", ONE)],
    ends: { one: 'Completed "shown"' },
  },
  {
    name: "a break, with an event that comes meanwhile",
    wishes: [
      start("WaitsForTwo", ONE),
      raise(ONE, "First", "before"),
      suspend(ONE),
      raise(ONE, "Second", "meanwhile", is(ONE, "Suspended")),
      resume(ONE),
    ],
    ends: { one: 'Completed ["before","meanwhile"]' },
  },
  {
    name: "a termination while it waits",
    wishes: [start("WaitsForTwo", ONE), raise(ONE, "First", "first"), terminate(ONE, is(ONE, "Running"))],
    ends: { one: "Terminated enough" },
  },
  {
    name: "a termination while a timer runs",
    wishes: [start("SleepInLegs", ONE), terminate(ONE, is(ONE, "Running"))],
    ends: { one: "Terminated enough" },
  },
  {
    name: "a purge after the end",
    wishes: [start("FiveSteps", ONE), purge(ONE)],
    ends: { one: "gone" },
    cutShort: [ONE],
  },
  {
    name: "a rewind of what failed",
    wishes: [closeShop(), start("Shopping", ONE), openShop(ONE), rewind(ONE)],
    ends: { one: 'Completed ["list","bought"]' },
    cutShort: [ONE],
  },
];
