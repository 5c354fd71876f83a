import { z } from "zod";
import {
  defineExecutor,
  defineRequestPort,
  errorMessage,
  NonRetryableError,
  WorkflowBuilder,
  withId,
} from "../../src/index.ts";

/** Workflows whose executors fail, take too long, and are tried again. They go by `context.attempt`, and keep nothing. */

const number = z.number();
const soon = { maxAttempts: 3, firstDelayMs: 10, jitter: 0.5 };

/** Fails until the attempt that its input names; then tells what it knew of the failure before. */
const thirdTime = defineExecutor({
  id: "ThirdTime",
  input: number,
  output: z.object({ attempt: number, callKey: z.string(), before: z.string().nullable() }),
  retry: soon,
  handle(goodAttempt, { attempt, callKey, lastError }) {
    if (attempt < goodAttempt) throw Object.assign(new Error(`Not at attempt ${attempt}.`), { code: "BUSY" });
    return { attempt, callKey, before: lastError ? `${lastError.code}: ${lastError.message}` : null };
  },
});
const retried = new WorkflowBuilder("Retried", thirdTime).build();

const waitsLong = defineExecutor({
  id: "WaitsLong",
  input: number,
  output: number,
  retry: { maxAttempts: 2, firstDelayMs: 250 },
  handle(value, { attempt }) {
    if (attempt === 1) throw Object.assign(new Error("Later."), { headers: { "Retry-After": "0.3" } });
    return value;
  },
});
const asksForDate = defineExecutor({
  id: "AsksForDate",
  input: number,
  output: number,
  retry: { maxAttempts: 2, firstDelayMs: 5 },
  handle(aheadMs, { attempt }) {
    const headers = { "Retry-After": new Date(Date.now() + aheadMs).toUTCString() };
    if (attempt === 1) throw Object.assign(new Error("Not before."), { headers });
    return attempt;
  },
});
const retriedAtDate = new WorkflowBuilder("RetriedAtDate", asksForDate).build();

const goesOn = defineExecutor({ id: "GoesOn", input: number, output: number, handle: (value) => value - 1 });
const begin = withId("Begin", goesOn);
const delayBesideWork = new WorkflowBuilder("DelayBesideWork", begin)
  .addFanOut(begin, [waitsLong, goesOn])
  .addEdge(goesOn, goesOn, { when: (value) => value > 0 })
  .withOutputFrom(waitsLong, goesOn)
  .build();

const refuses = defineExecutor({
  id: "Refuses",
  input: z.string(),
  output: z.string(),
  retry: { ...soon, retryOn: ({ code }) => code !== "GONE" },
  handle(how, { attempt }) {
    if (how === "final") throw new NonRetryableError("There is no such order.", { code: "NO_ORDER" });
    if (attempt === 1) throw Object.assign(new Error("Busy."), { code: "BUSY", retryable: false });
    if (how === "gone") throw Object.assign(new Error("Gone."), { code: "GONE" });
    return how;
  },
});
const chosenRetries = new WorkflowBuilder("ChosenRetries", refuses).build();

const byCode = withId(
  "ByCode",
  defineExecutor({
    id: "Coded",
    input: z.string(),
    output: number,
    retry: { ...soon, retryOn: ["EXECUTOR_OUTPUT_INVALID"] },
    handle: (how, { attempt }) => (how === "wrong" && attempt === 1 ? ("text" as never) : how === "throw" ? fail() : 1),
  }),
);
function fail(): never {
  throw new Error("Not among the codes.");
}
const retriedByCode = new WorkflowBuilder("RetriedByCode", byCode).build();

/** Takes longer than it may at its first attempt, unless it stops at the signal. */
const slow = defineExecutor({
  id: "Slow",
  input: number,
  output: z.string(),
  timeoutMs: 40,
  retry: { maxAttempts: 2, firstDelayMs: 5 },
  async handle(slowAttempts, { attempt, signal }) {
    if (attempt > slowAttempts) return `in time at attempt ${attempt}`;
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    throw new Error("Stopped at the signal.");
  },
});
const limitedCall = new WorkflowBuilder("LimitedCall", slow).build();

const rounds = defineExecutor({
  id: "Rounds",
  input: number,
  output: number,
  handle: async (value) => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    return value + 1;
  },
});
const limitedRun = new WorkflowBuilder("LimitedRun", rounds).addEdge(rounds, rounds).withTimeout(150).build();

/** Every failure goes to somebody who can say it. */
const risky = defineExecutor({
  id: "Risky",
  input: z.object({ how: z.string() }),
  output: z.string(),
  retry: { maxAttempts: 2, firstDelayMs: 5 },
  handle({ how }) {
    if (how !== "fine") throw Object.assign(new Error("No money."), { code: "NO_MONEY" });
    return how;
  },
});
const says = <const Id extends string, Input extends z.ZodType>(id: Id, input: Input) =>
  defineExecutor({
    id,
    input: errorMessage(input),
    output: z.string(),
    handle: ({ executorId, input: given, error }) => `${executorId} ${JSON.stringify(given)} ${error.code}`,
  });
const saysRisk = says("SaysRisk", z.object({ how: z.string() }));
const caught = new WorkflowBuilder("Caught", risky).addErrorEdge(risky, saysRisk).build();

/** A port whose request cannot be opened, or whose response cannot be sent on. */
const asks = defineRequestPort({
  id: "Asks",
  request: z.object({ sum: number }).refine(({ sum }) => sum < 1_000),
  response: z.boolean(),
});
const agreed = defineExecutor({ id: "Agreed", input: z.boolean(), output: z.string(), handle: () => "agreed" });
const saysAsked = says("SaysAsked", z.object({ sum: number }));
const beforePort = defineExecutor({
  id: "BeforePort",
  input: number,
  output: z.object({ sum: number }),
  handle: (sum) => ({ sum }),
});
const caughtAtPort = new WorkflowBuilder("CaughtAtPort", beforePort)
  .addEdge(beforePort, asks)
  .addEdge(asks, agreed, {
    when: (isAgreed) => {
      if (!isAgreed) throw new Error("Nobody says no.");
      return true;
    },
  })
  .addErrorEdge(asks, saysAsked)
  .withOutputFrom(agreed, saysAsked)
  .build();

/** Three ways to go on when nobody answers. */
const question = z.object({ subject: z.string() });
const decision = z.object({ approved: z.boolean(), by: z.string().default("a person") });
const askFirst = defineExecutor({
  id: "AskFirst",
  input: z.string(),
  output: question,
  handle: (subject) => ({ subject }),
});
const decided = defineExecutor({
  id: "Decided",
  input: decision,
  output: z.string(),
  handle: ({ approved, by }) => `${approved ? "yes" : "no"} (${by})`,
});
const patient = defineRequestPort({
  id: "Patient",
  request: question,
  response: decision,
  timeout: { afterMs: 60_000, respondWith: { approved: false, by: "the clock" } },
});
const hasty = defineRequestPort({
  id: "Hasty",
  request: question,
  response: decision,
  timeout: { afterMs: 60, respondWith: { approved: false, by: "the clock" } },
});
const boss = defineRequestPort({ id: "Boss", request: question, response: decision });
const clerk = defineRequestPort({
  id: "Clerk",
  request: question,
  response: decision,
  timeout: { afterMs: 60, escalateTo: boss },
});
const lonely = defineRequestPort({ id: "Lonely", request: question, response: decision, timeout: { afterMs: 60 } });
const saysNobody = says("SaysNobody", question);

const answeredInTime = new WorkflowBuilder("AnsweredInTime", askFirst)
  .addEdge(askFirst, patient)
  .addEdge(patient, decided)
  .build();
const answeredByClock = new WorkflowBuilder("AnsweredByClock", askFirst)
  .addEdge(askFirst, hasty)
  .addEdge(hasty, decided)
  .build();
const escalated = new WorkflowBuilder("Escalated", askFirst)
  .addEdge(askFirst, clerk)
  .addEdge(clerk, decided)
  .addEdge(boss, decided)
  .build();
const unanswered = new WorkflowBuilder("Unanswered", askFirst)
  .addEdge(askFirst, lonely)
  .addEdge(lonely, decided)
  .build();
const unansweredAndCaught = new WorkflowBuilder("UnansweredAndCaught", askFirst)
  .addEdge(askFirst, lonely)
  .addEdge(lonely, decided)
  .addErrorEdge(lonely, saysNobody)
  .build();

/** A journey is booked in three steps, and undone when the last one cannot be taken. */
const bookings = (id: "Flight" | "Hotel", undo: (input: string, attempt: number) => void = () => {}) =>
  defineExecutor({
    id,
    input: z.string(),
    output: z.string(),
    handle: (trip) => `${trip}+${id}`,
    retry: { maxAttempts: 2, firstDelayMs: 5 },
    compensate(output, input, { attempt }) {
      if (output !== `${input}+${id}`) throw new Error(`Got ${output} for ${input}.`);
      undo(input, attempt);
    },
  });
const flight = bookings("Flight");
const hotel = bookings("Hotel", (trip, attempt) => {
  if (trip.startsWith("stuck")) throw new Error("The hotel is closed.");
  if (attempt === 1) throw new Error("Nobody there.");
});
const pay = defineExecutor({
  id: "Pay",
  input: z.string(),
  output: z.string(),
  handle(trip) {
    if (trip.includes("poor")) throw Object.assign(new Error("No money."), { code: "NO_MONEY" });
    return `paid ${trip}`;
  },
});
const confirm = defineRequestPort({ id: "Confirm", request: z.string(), response: z.string() });
const journey = new WorkflowBuilder("Journey", flight)
  .addEdge(flight, hotel)
  .addEdge(hotel, confirm)
  .addEdge(confirm, pay)
  .build();
const brokenOff = new WorkflowBuilder("BrokenOff", flight).addEdge(flight, hotel).addEdge(hotel, pay).build();

export const failingWorkflows = [
  retried,
  delayBesideWork,
  retriedAtDate,
  chosenRetries,
  retriedByCode,
  limitedCall,
  limitedRun,
  caught,
  caughtAtPort,
  answeredInTime,
  answeredByClock,
  escalated,
  unanswered,
  unansweredAndCaught,
  journey,
  brokenOff,
] as const;
