import { z } from "zod";
import { defineExecutor, defineRequestPort, WorkflowBuilder } from "../../src/index.ts";
import { gates } from "../http/gates.ts";

/** A person is asked and has a minute, beside a call that ends when the test opens the gate with the name of the subject. */

export const RACE_MS = 60_000;

const question = z.object({ subject: z.string() });
const decision = z.object({ by: z.string() });
const ask = defineExecutor({
  id: "Ask",
  input: z.string(),
  output: question,
  handle: (subject) => ({ subject }),
});
const step = defineExecutor({ id: "Step", input: question, output: question, handle: (asked) => asked });
const held = defineExecutor({
  id: "Held",
  input: question,
  output: z.void(),
  handle: ({ subject }) => gates.get(subject).passed,
});
const decided = defineExecutor({ id: "Decided", input: decision, output: z.string(), handle: ({ by }) => by });
const boss = defineRequestPort({ id: "Boss", request: question, response: decision });

const racing = { id: "Racing", request: question, response: decision } as const;
const clockAnswers = defineRequestPort({ ...racing, timeout: { afterMs: RACE_MS, respondWith: { by: "the clock" } } });
const bossIsAsked = defineRequestPort({ ...racing, timeout: { afterMs: RACE_MS, escalateTo: boss } });
const runFails = defineRequestPort({ ...racing, timeout: { afterMs: RACE_MS } });

const raceAgainstResponse = new WorkflowBuilder("RaceAgainstResponse", ask)
  .addFanOut(ask, [clockAnswers, step])
  .addEdge(step, held)
  .addEdge(clockAnswers, decided)
  .withOutputFrom(decided)
  .build();
const raceAgainstEscalation = new WorkflowBuilder("RaceAgainstEscalation", ask)
  .addFanOut(ask, [bossIsAsked, step])
  .addEdge(step, held)
  .addEdge(bossIsAsked, decided)
  .addEdge(boss, decided)
  .withOutputFrom(decided)
  .build();
const raceAgainstFailure = new WorkflowBuilder("RaceAgainstFailure", ask)
  .addFanOut(ask, [runFails, step])
  .addEdge(step, held)
  .addEdge(runFails, decided)
  .withOutputFrom(decided)
  .build();

export const DAY_MS = 24 * 60 * 60_000;

const month = defineRequestPort({
  id: "Month",
  request: question,
  response: decision,
  timeout: { afterMs: 30 * DAY_MS, respondWith: { by: "the clock" } },
});
const aMonthToAnswer = new WorkflowBuilder("AMonthToAnswer", ask)
  .addEdge(ask, month)
  .addEdge(month, decided)
  .withOutputFrom(decided)
  .build();

export const racingWorkflows = [
  raceAgainstResponse,
  raceAgainstEscalation,
  raceAgainstFailure,
  aMonthToAnswer,
] as const;
