import type { EntityContext, OrchestrationContext, Task } from "durable-functions";
import { df } from "../support/capture-functions.ts";

type Flow = Generator<Task, unknown, unknown>;
type Context = OrchestrationContext;

/**
 * The orchestrations behind the recorded histories: the shapes that the authors of the SDK test theirs with (sequence,
 * retry, fan-out, races, children, timers, HTTP, entities), written anew.
 */
function orchestration(name: string, flow: (context: Context) => Flow): void {
  df.app.orchestration(name, function* (context: Context): Flow {
    return yield* flow(context);
  });
}

for (const name of ["Hello", "A", "B", "Files", "Size", "Merge", "IsMerged", "Throws"]) {
  df.app.activity(name, { handler: () => undefined });
}
df.app.entity("Text", () => undefined);

const slowRetry = new df.RetryOptions(10_000, 2);
const quickRetry = new df.RetryOptions(100, 5);
const later = ({ df: { currentUtcDateTime } }: Context, ms: number) => new Date(currentUtcDateTime.getTime() + ms);

orchestration("Sequence", function* ({ df: durable }) {
  const greetings = [];
  for (const city of ["Tokyo", "Seattle", "London"]) greetings.push(yield durable.callActivity("Hello", city));
  return greetings;
});
orchestration("Retry", function* ({ df: durable }) {
  return yield durable.callActivityWithRetry("Hello", slowRetry, "World");
});
orchestration("RetryFanOut", function* ({ df: durable }) {
  const calls = ["Tokyo", "Seattle"].map((city) => durable.callActivityWithRetry("Hello", quickRetry, city));
  return yield durable.Task.all(calls);
});
orchestration("FanOut", function* ({ df: durable }) {
  const files = (yield durable.callActivity("Files", "/data")) as string[];
  const sizes = (yield durable.Task.all(files.map((file) => durable.callActivity("Size", file)))) as number[];
  return sizes.reduce((total, size) => total + size, 0);
});
orchestration("AnyAOrB", function* ({ df: durable }) {
  const first = (yield durable.Task.any([durable.callActivity("A"), durable.callActivity("B")])) as Task;
  return first.result;
});
orchestration("EventsOrTimer", function* (context) {
  const timeout = context.df.createTimer(later(context, 300_000));
  const events = ["first", "second"].map((name) => context.df.waitForExternalEvent(name));
  const winner = yield context.df.Task.any([context.df.Task.all(events), timeout]);
  if (winner === timeout) return ["timeout"];
  const greeting = yield context.df.callActivity("Hello", "Tokyo");
  timeout.cancel();
  return [greeting];
});
orchestration("TimerOrActivity", function* (context) {
  const timer = context.df.createTimer(later(context, 1_000));
  const call = context.df.callActivity("A");
  const winner = (yield context.df.Task.any([timer, call])) as Task;
  if (winner === timer) return "Timer finished";
  yield context.df.callActivity("B");
  return call.result;
});
orchestration("ManyEpisodes", function* (context) {
  yield context.df.callActivity("Merge");
  yield context.df.createTimer(later(context, 1_000));
  for (let round = 0; round < 10; round += 1) {
    if ((yield context.df.callActivity("IsMerged")) === true) return "merged";
    yield context.df.waitForExternalEvent("Check");
  }
  return "given up";
});
orchestration("WaitForEvent", function* ({ df: durable }) {
  return yield durable.callActivity("Hello", (yield durable.waitForExternalEvent("start")) as string);
});
orchestration("WaitForTimer", function* ({ df: durable }) {
  yield durable.createTimer(new Date(durable.getInput() as number));
  return "Timer fired!";
});
orchestration("Child", function* ({ df: durable }) {
  return yield durable.callSubOrchestrator("Sequence", "input", `${durable.instanceId}:0`);
});
orchestration("ChildRetry", function* ({ df: durable }) {
  return yield durable.callSubOrchestratorWithRetry("Sequence", slowRetry, "input", `${durable.instanceId}:0`);
});
orchestration("ChildRetryFanOut", function* ({ df: durable }) {
  const calls = ["Tokyo", "Seattle"].map((city) => durable.callSubOrchestratorWithRetry("Sequence", quickRetry, city));
  return yield durable.Task.all(calls);
});
orchestration("ChildrenWithoutIds", function* ({ df: durable }) {
  const names = ["Sequence", "WaitForEvent", "Sequence", "WaitForEvent"];
  return yield durable.Task.all(names.map((name, place) => durable.callSubOrchestrator(name, `input ${place}`)));
});
orchestration("Http", function* ({ df: durable }) {
  return yield durable.callHttp({ method: "GET", url: "https://example.com/thing" });
});
orchestration("Entity", function* ({ df: durable }) {
  yield durable.callEntity(new df.EntityId("Text", "one"), "set", "text");
  return "OK";
});
orchestration("ThrowingActivity", function* ({ df: durable }) {
  yield durable.callActivity("Throws");
});
orchestration("CaughtActivity", function* ({ df: durable }) {
  try {
    yield durable.callActivity("Throws");
  } catch {
    return yield durable.callActivity("Hello", "World");
  }
  return "nothing was thrown";
});

df.app.entity("Counter", (context: EntityContext<number>) => {
  const { df: durable } = context;
  const state = durable.getState();
  const operation = String(durable.operationName);
  if (operation === "get") return durable.return(state);
  if (operation === "set") return durable.setState(durable.getInput<number>() ?? 0);
  if (typeof state !== "number") throw new Error("There is no state yet.");
  return durable.setState(state + (operation === "add" ? (durable.getInput<number>() ?? 0) : 1));
});
df.app.entity("Note", async (context: EntityContext<string>) => {
  await new Promise<void>((resolve) => setImmediate(resolve));
  if (context.df.operationName === "set") context.df.setState(context.df.getInput<string>() ?? "");
  else context.df.return(context.df.getState());
});
