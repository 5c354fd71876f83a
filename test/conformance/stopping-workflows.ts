import { z } from "zod";
import { defineExecutor, errorMessage, WorkflowBuilder, withId } from "../../src/index.ts";

/** Workflows whose handlers are to stop: some do, some never, some answer when nobody waits any more. */

const forMs = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));

const stopsAtSignal = defineExecutor({
  id: "StopsAtSignal",
  input: z.enum(["return", "throw"]),
  output: z.string(),
  async handle(how, { signal }) {
    await aborted(signal);
    if (how === "throw") throw new Error("It was all in vain.");
    return "done";
  },
});
const longCall = new WorkflowBuilder("LongCall", stopsAtSignal).build();

const neverStops = defineExecutor({
  id: "NeverStops",
  input: z.string(),
  output: z.string(),
  handle: () => new Promise<string>(() => {}),
});
const stubborn = new WorkflowBuilder("Stubborn", neverStops).build();
const stubbornInTime = new WorkflowBuilder("StubbornInTime", neverStops).withTimeout(100).build();

/** How late a call answers: what follows it has begun by then. */
const LATE_MS = 150;
/** How long what follows a call takes, when the call is to answer meanwhile. */
const LONG_MS = 400;

const book = defineExecutor({
  id: "Book",
  input: z.string(),
  output: z.string(),
  handle: (what) => what,
  async compensate(_output, _input, { signal }) {
    await forMs(LONG_MS);
    signal.throwIfAborted();
  },
});
const answersLate = defineExecutor({
  id: "AnswersLate",
  input: z.string(),
  output: z.string(),
  async handle(what, { signal }) {
    await aborted(signal);
    await forMs(LATE_MS);
    return what;
  },
});
const lateWhileUndone = new WorkflowBuilder("LateWhileUndone", book).addEdge(book, answersLate).build();

const lateAtFirst = defineExecutor({
  id: "LateAtFirst",
  input: z.string(),
  output: z.string(),
  timeoutMs: 1_000,
  retry: { maxAttempts: 2, firstDelayMs: 5 },
  async handle(what, { attempt, signal }) {
    if (attempt === 1) await aborted(signal);
    await forMs(attempt === 1 ? LATE_MS : LONG_MS);
    return `${what} at attempt ${attempt}`;
  },
});
const lateAndRetried = new WorkflowBuilder("LateAndRetried", lateAtFirst).build();

/** Three that answer late while what follows their failures goes on, and nothing comes after that. */
const late = defineExecutor({
  id: "Late",
  input: z.string(),
  output: z.string(),
  timeoutMs: 200,
  async handle(what, { signal }) {
    await aborted(signal);
    await forMs(LATE_MS);
    return what;
  },
});
const [lateToo, lateAsWell] = [withId("LateToo", late), withId("LateAsWell", late)];
const ask = defineExecutor({ id: "Ask", input: z.string(), output: z.string(), handle: (what) => what });
const mends = defineExecutor({
  id: "Mends",
  input: errorMessage(z.string()),
  output: z.string(),
  async handle({ executorId }) {
    await forMs(LONG_MS);
    return executorId;
  },
});
const lateAtOnce = new WorkflowBuilder("LateAtOnce", ask)
  .addFanOut(ask, [late, lateToo, lateAsWell])
  .addErrorEdge(late, mends)
  .addErrorEdge(lateToo, mends)
  .addErrorEdge(lateAsWell, mends)
  .withOutputFrom(late, lateToo, lateAsWell, mends)
  .build();

export const stoppingWorkflows = [
  longCall,
  stubborn,
  stubbornInTime,
  lateWhileUndone,
  lateAndRetried,
  lateAtOnce,
] as const;
