const { appendFileSync } = require("node:fs");
const df = require("durable-functions");

// Each call of an activity leaves a line, so that a test sees what ran, how often, and in which process.
function record(name, context) {
  const file = process.env.FOREIGN_CALLS_FILE;
  if (file) appendFileSync(file, `${name} ${context.triggerMetadata.instanceId}\n`);
}

df.app.activity("addOne", {
  handler: ({ value }, context) => {
    record("addOne", context);
    return { value: value + 1 };
  },
});
df.app.activity("typeOf", { handler: (input) => (input === undefined ? "undefined" : `${typeof input} ${input}`) });
df.app.activity("nothing", { handler: () => undefined });
df.app.activity("number", { handler: () => 0.5 });
df.app.activity("bytes", { handler: () => Buffer.from("bytes") });
df.app.activity("sleep", {
  handler: async ({ ms }, context) => {
    record("sleep", context);
    await new Promise((resolve) => setTimeout(resolve, ms));
    return "slept";
  },
});

const attempts = new Map();
df.app.activity("flaky", {
  handler: ({ failures }, context) => {
    const { instanceId } = context.triggerMetadata;
    const attempt = (attempts.get(instanceId) ?? 0) + 1;
    attempts.set(instanceId, attempt);
    if (attempt <= failures) throw new Error(`attempt ${attempt} fails`);
    return { attempt };
  },
});

df.app.orchestration("sequence", function* (context) {
  let current = { value: context.df.getInput().value };
  current = yield context.df.callActivity("addOne", current);
  context.df.setCustomStatus({ at: current.value });
  current = yield context.df.callActivity("addOne", current);
  return current;
});

df.app.orchestration("fanOut", function* (context) {
  const tasks = [1, 2, 3, 4, 5].map((value) => context.df.callActivity("addOne", { value }));
  const results = yield context.df.Task.all(tasks);
  return results.map(({ value }) => value);
});

df.app.orchestration("values", function* (context) {
  const results = [];
  for (const input of [undefined, null, "text", "7", 7, 0.25, true, false, { a: 1 }, [1, "2"]]) {
    results.push(yield context.df.callActivity("typeOf", input));
  }
  results.push(yield context.df.callActivity("nothing"));
  results.push(yield context.df.callActivity("number"));
  results.push(yield context.df.callActivity("bytes"));
  return results;
});

df.app.orchestration("parent", function* (context) {
  const child = yield context.df.callSubOrchestrator("sequence", { value: 10 });
  const named = yield context.df.callSubOrchestrator("sequence", { value: 20 }, `${context.df.instanceId}-child`);
  try {
    yield context.df.callSubOrchestrator("throws", { text: "from the child" });
  } catch (error) {
    return { child, named, failed: error.message.includes("from the child") };
  }
});

df.app.orchestration("throws", function* (context) {
  yield context.df.callActivity("addOne", { value: 0 });
  throw new Error(context.df.getInput().text);
});

df.app.orchestration("retries", function* (context) {
  const options = new df.RetryOptions(10, 3);
  return yield context.df.callActivityWithRetry("flaky", options, context.df.getInput());
});

df.app.orchestration("approval", function* (context) {
  const decision = context.df.waitForExternalEvent("Approval");
  const deadline = context.df.createTimer(
    new Date(context.df.currentUtcDateTime.getTime() + context.df.getInput().timeoutMs),
  );
  const winner = yield context.df.Task.any([decision, deadline]);
  if (winner === deadline) return "timed out";
  deadline.cancel();
  return decision.result;
});

df.app.orchestration("countDown", function* (context) {
  const { left, sum } = context.df.getInput();
  const { value } = yield context.df.callActivity("addOne", { value: sum });
  if (left > 0) return context.df.continueAsNew({ left: left - 1, sum: value });
  return value;
});

df.app.orchestration("chain", function* (context) {
  const { steps, ms } = context.df.getInput();
  let current = { value: 0 };
  for (let step = 0; step < steps; step++) {
    current = yield context.df.callActivity("addOne", current);
    if (ms > 0) yield context.df.callActivity("sleep", { ms });
  }
  return current.value;
});

df.app.entity("counter", (context) => {
  const count = context.df.getState(() => 0);
  switch (context.df.operationName) {
    case "add":
      context.df.setState(count + context.df.getInput());
      context.df.return(count + context.df.getInput());
      break;
    case "get":
      context.df.return(count);
      break;
    case "echo":
      context.df.setState(context.df.getInput());
      break;
    case "delete":
      context.df.destructOnExit();
      break;
    case "fail":
      throw { why: "asked to" };
  }
});

df.app.orchestration("counts", function* (context) {
  const { key } = context.df.getInput();
  const counter = new df.EntityId("counter", key);
  const other = new df.EntityId("counter", `${key}-other`);
  context.df.signalEntity(other, "add", 5);
  const first = yield context.df.callEntity(counter, "add", 2);
  let failed = false;
  try {
    yield context.df.callEntity(counter, "fail");
  } catch {
    failed = true;
  }
  const lock = yield context.df.lock(counter, other);
  const sum = (yield context.df.callEntity(counter, "get")) + (yield context.df.callEntity(other, "get"));
  lock.release();
  return { first, failed, sum };
});
