import { z } from "zod";
import { defineExecutor, WorkflowBuilder } from "../../src/index.ts";

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
    await forMs(20);
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
    await forMs(attempt === 1 ? 20 : LONG_MS);
    return `${what} at attempt ${attempt}`;
  },
});
const lateAndRetried = new WorkflowBuilder("LateAndRetried", lateAtFirst).build();

export const stoppingWorkflows = [longCall, stubborn, stubbornInTime, lateWhileUndone, lateAndRetried] as const;
