import fc from "fast-check";
import { expect, it } from "vitest";
import { z } from "zod";
import { readEvents } from "../../src/durable/events.ts";
import { answerData, answerEvent, CANCEL_EVENT } from "../../src/durable/mail.ts";
import type { FunctionInvoker } from "../../src/host/hub/task-hub.ts";
import { defineExecutor, defineRequestPort, WorkflowBuilder } from "../../src/index.ts";
import { isGoingOn } from "../../src/remote/poll.ts";
import { ARCHIVE_ACTIVITY } from "../../src/wire/durable-names.ts";
import type { RunEvent } from "../../src/wire/run-event.ts";
import { serveDurably } from "./support/durable-runs.ts";

/** A loop beside people who are asked again and again; one of them does not wait for ever. */
const loop = defineExecutor({ id: "Loop", input: z.number(), output: z.number(), handle: (value) => value + 1 });
const ask = defineRequestPort({ id: "Ask", request: z.number(), response: z.number().max(100) });
const hurry = defineRequestPort({
  id: "Hurry",
  request: z.number(),
  response: z.number().max(100),
  timeout: { afterMs: 5, respondWith: 50 },
});
const last = defineExecutor({ id: "Last", input: z.number(), output: z.number(), handle: (value) => value });
const workflow = new WorkflowBuilder("Hopping", loop)
  .addEdge(loop, loop, { when: (value) => value < 12, label: "again" })
  .addEdge(loop, ask, { when: (value) => value % 4 === 1 })
  .addEdge(loop, hurry, { when: (value) => value % 4 === 3 })
  .addEdge(ask, last)
  .addEdge(hurry, last)
  .withOutputFrom(last)
  .build();
const generationLimits = { maxSupersteps: 3, maxChars: 1_000_000 };

type Action =
  | { readonly kind: "finish"; readonly pick: number; readonly isLost: boolean }
  | { readonly kind: "answer"; readonly pick: number; readonly isLate: boolean; readonly data: object }
  | { readonly kind: "cancel" }
  | { readonly kind: "breathe"; readonly turns: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({ kind: fc.constant("finish" as const), pick: fc.nat(9), isLost: fc.constant(false) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("finish" as const), pick: fc.nat(9), isLost: fc.constant(true) }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("answer" as const),
      pick: fc.nat(9),
      isLate: fc.boolean(),
      data: fc.constantFrom<object>(answerData("1"), answerData("101"), answerData("2"), { other: 1 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "cancel" as const }) },
  { weight: 20, arbitrary: fc.record({ kind: fc.constant("breathe" as const), turns: fc.nat(4) }) },
);

/** Functions whose activities end only when the test says so. */
function held(functions: FunctionInvoker) {
  const calls: { readonly name: string; readonly finish: (isLost: boolean) => void }[] = [];
  let isFree = false;
  const invoker: FunctionInvoker = {
    ...functions,
    async invokeActivity(name, ...call) {
      const isLost = isFree ? false : await new Promise<boolean>((finish) => calls.push({ name, finish }));
      // Lost calls of executors fail this run; a lost archive only has to be tried again.
      return isLost && name === ARCHIVE_ACTIVITY
        ? { ok: false, message: "lost", stack: "" }
        : functions.invokeActivity(name, ...call);
    },
  };
  const free = () => {
    isFree = true;
    for (const { finish } of calls.splice(0)) finish(false);
  };
  return { invoker, calls, free };
}

const breathe = async (turns: number) => {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
};

const isAnswer = (data: object) => "responseJson" in data;

it.each([2, 3] as const)(
  "loses and doubles nothing that comes while a run goes on in a new generation, with replay schema %d",
  { timeout: 240_000 },
  async (schema) => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
        let control: ReturnType<typeof held> | undefined;
        const runs = await serveDurably(workflow, {
          schema,
          generationLimits,
          around: (functions) => {
            control = held(functions);
            return control.invoker;
          },
        });
        if (!control) throw new Error("The hub was opened without functions.");
        const { calls, free } = control;
        const runId = "hopping";
        const run = await runs.runner.start(workflow, 0, { runId });
        const asked = new Set<string>();
        let [wanted, all] = [0, 0];
        const open = async () => {
          const ids = (await run.status()).waitingForInput.map(({ requestId }) => requestId);
          for (const id of ids) asked.add(id);
          return ids;
        };
        const answer = async (requestId: string | undefined, data: object, isWanted: boolean) => {
          if (requestId === undefined) return;
          const sent = await runs.hub.raiseEvent(runId, answerEvent(requestId), JSON.stringify(data));
          if (sent !== "accepted" || !isAnswer(data)) return;
          all += 1;
          if (isWanted) wanted += 1;
        };
        // What anyone was told up to now must be the beginning of what is told later.
        let told: readonly RunEvent[] = [];
        const read = async () => {
          const events = await runs.events(workflow, runId);
          expect(events.slice(0, told.length)).toEqual(told);
          expect(events.map(({ number }) => number)).toEqual(events.map((_event, place) => place + 1));
          told = events;
        };
        for (const one of actions) {
          if (one.kind === "breathe") await breathe(one.turns);
          else if (one.kind === "cancel") await runs.hub.raiseEvent(runId, CANCEL_EVENT, "{}");
          else if (one.kind === "finish") calls.splice(one.pick % Math.max(1, calls.length), 1)[0]?.finish(one.isLost);
          else {
            const ids = await open();
            const among = one.isLate ? [...asked] : ids;
            await answer(among[one.pick % Math.max(1, among.length)], one.data, !one.isLate);
          }
          await read();
        }
        free();
        for (let turn = 0; turn < 2_000 && isGoingOn(await run.status()); turn++) {
          for (const requestId of await open()) await answer(requestId, answerData("3"), true);
          if (turn % 5 === 0) await answer([...asked][turn % asked.size], answerData("4"), false);
          await breathe(turn % 7);
          if (turn < 60) await read();
        }
        await read();
        const ended = await run.status();
        expect(isGoingOn(ended)).toBe(false);
        expect((await readEvents(runs.instances, workflow, runId, told.length)).hasEnded).toBe(true);

        const of = (...types: RunEvent["type"][]) => told.filter(({ type }) => types.includes(type)).length;
        expect(of("runOutput")).toBe(ended.outputs.length);
        expect(of("executorCompleted")).toBe(
          new Set(told.map((event) => JSON.stringify(event)).filter((text) => text.includes('"executorCompleted"')))
            .size,
        );
        if (ended.status !== "Completed") return;
        const settled = of("requestAnswered", "responseRejected", "responseIgnored") - of("requestTimedOut");
        expect(settled).toBeGreaterThanOrEqual(wanted);
        expect(settled).toBeLessThanOrEqual(all);
        expect(of("requestOpened")).toBe(of("requestAnswered"));
      }),
      { numRuns: 60 },
    );
  },
);
