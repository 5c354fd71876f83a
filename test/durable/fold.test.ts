import fc from "fast-check";
import { expect, it } from "vitest";
import { z } from "zod";
import { customStatusOf } from "../../src/durable/custom-status.ts";
import { answerData, answerEvent, CANCEL_EVENT } from "../../src/durable/mail.ts";
import { foldRun } from "../../src/durable/run-fold.ts";
import { parseHistory } from "../../src/durable/run-history.ts";
import { renderHistoryEvents } from "../../src/host/hub/render-history-events.ts";
import type { FunctionInvoker, HistoryEvent } from "../../src/host/hub/task-hub.ts";
import { defineExecutor, defineRequestPort, WorkflowBuilder } from "../../src/index.ts";
import { isGoingOn } from "../../src/remote/poll.ts";
import type { RecordedEvent } from "../../src/wire/run-event.ts";
import type { RunStart } from "../../src/wire/run-start.ts";
import type { CustomStatus } from "../../src/wire/status.ts";
import { answerJsonOf } from "../support/capture-functions.ts";
import { serveDurably } from "./support/durable-runs.ts";

const step = <Id extends string>(id: Id) =>
  defineExecutor({
    id,
    input: z.number(),
    output: z.number(),
    handle: (value) => value + 1,
  });
const port = <Id extends string>(id: Id) =>
  defineRequestPort({
    id,
    request: z.number(),
    response: z.number().max(100),
    timeout: { afterMs: 15, respondWith: 50 },
  });
const [start, first, second, third] = [step("Start"), step("First"), step("Second"), step("Third")];
const [left, right, last] = [port("Left"), port("Right"), step("Last")];

/** Two people are asked beside a branch that goes on; one of them twice. */
const workflow = new WorkflowBuilder("FoldedRun", start)
  .addFanOut(start, [left, first, right])
  .addEdge(first, second)
  .addEdge(second, third)
  .addEdge(left, right)
  .addEdge(right, last)
  .withOutputFrom(third, last)
  .build();

type Action =
  | { readonly kind: "finish"; readonly pick: number; readonly isLost: boolean }
  | { readonly kind: "answer"; readonly pick: number; readonly data: object }
  | { readonly kind: "cancel" }
  | { readonly kind: "breathe" };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("finish" as const), pick: fc.nat(9), isLost: fc.constant(false) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("finish" as const), pick: fc.nat(9), isLost: fc.constant(true) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("answer" as const),
      pick: fc.nat(9),
      data: fc.constantFrom<object>(answerData("1"), answerData("101"), answerData("2"), { other: 1 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "cancel" as const }) },
  { weight: 8, arbitrary: fc.constant({ kind: "breathe" as const }) },
);

/** An action as the SDK sends it; compound ones hold others. */
interface SentAction {
  readonly actionType: number;
  readonly compoundActions?: readonly SentAction[];
}

const CALL_ACTIVITY = 0;
const TASK_SCHEDULED = 4;

function callsIn(actions: readonly SentAction[]): number {
  return actions.reduce(
    (count, one) => count + Number(one.actionType === CALL_ACTIVITY) + callsIn(one.compoundActions ?? []),
    0,
  );
}

interface Episode {
  readonly history: readonly HistoryEvent[];
  readonly actions: readonly SentAction[];
  readonly customStatus: CustomStatus | undefined;
}

/** Functions whose activities end only when the test says so, and whose episodes it sees. */
function held(functions: FunctionInvoker) {
  const calls: ((isLost: boolean) => void)[] = [];
  const episodes: Episode[] = [];
  let isFree = false;
  const invoker: FunctionInvoker = {
    ...functions,
    async invokeOrchestrator(name, trigger, instanceId) {
      const result = await functions.invokeOrchestrator(name, trigger, instanceId);
      const { history } = JSON.parse(trigger.json) as { history: HistoryEvent[] };
      const { actions, customStatus } = JSON.parse(answerJsonOf(result));
      episodes.push({ history, actions: actions.flat(), customStatus });
      return result;
    },
    async invokeActivity(...call) {
      const isLost = isFree || (await new Promise<boolean>((resolve) => calls.push(resolve)));
      if (isLost && !isFree) return { ok: false, message: "lost", stack: "" };
      return functions.invokeActivity(...call);
    },
  };
  const free = () => {
    isFree = true;
    for (const finish of calls.splice(0)) finish(false);
  };
  return { invoker, calls, episodes, free };
}

const breathe = async (turns: number) => {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
};

function foldOf(startInput: RunStart, runId: string, history: readonly HistoryEvent[]) {
  const rendered = renderHistoryEvents(history, { showHistoryOutput: true, showInput: true });
  return foldRun({ runId, start: startInput, createdAtMs: 0, facts: parseHistory(rendered) });
}

const withoutTimes = (status: CustomStatus) => ({
  ...status,
  requests: status.requests.map((request) => ({ ...request, openedAtMs: 0 })),
});

it("tells from any history what the orchestrator knew, and a longer history only adds events", async () => {
  const runId = "folded";
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      let control: ReturnType<typeof held> | undefined;
      const runs = await serveDurably(workflow, {
        around: (functions) => {
          control = held(functions);
          return control.invoker;
        },
      });
      if (!control) throw new Error("The hub was opened without functions.");
      const { calls, episodes, free } = control;
      const run = await runs.runner.start(workflow, 1, { runId });
      const asked: string[] = [];
      const raise = (event: string, data: object) => runs.hub.raiseEvent(runId, event, JSON.stringify(data));
      const lookForRequests = async () => {
        for (const { requestId } of (await run.status()).waitingForInput)
          if (!asked.includes(requestId)) asked.push(requestId);
      };
      for (const one of actions) {
        if (one.kind === "breathe") await breathe(6);
        else if (one.kind === "cancel") await raise(CANCEL_EVENT, {});
        else if (one.kind === "finish") calls.splice(one.pick % Math.max(1, calls.length), 1)[0]?.(one.isLost);
        else {
          await lookForRequests();
          const requestId = asked[one.pick % Math.max(1, asked.length)];
          if (requestId) await raise(answerEvent(requestId), one.data);
        }
      }
      free();
      for (let turn = 0; turn < 500 && isGoingOn(await run.status()); turn++) {
        for (const { requestId } of (await run.status()).waitingForInput)
          await raise(answerEvent(requestId), answerData("3"));
        await breathe(6);
      }
      const ended = await run.status();
      expect(isGoingOn(ended)).toBe(false);
      const instance = await runs.instances.read(runId, { withInput: true });
      const startInput = instance?.input as RunStart;

      let published: CustomStatus | undefined;
      let events: readonly RecordedEvent[] = [];
      for (const { history, customStatus } of episodes) {
        published = customStatus ?? published;
        const folded = foldOf(startInput, runId, history);
        if (published)
          expect(withoutTimes(customStatusOf(workflow.plan, folded.state))).toEqual(withoutTimes(published));
        expect(folded.events.slice(0, events.length)).toEqual(events);
        expect(folded.events.map(({ number }) => number)).toEqual(folded.events.map((_event, index) => index + 1));
        events = folded.events;
      }
      const told = events.filter(({ type }) => type !== "responseIgnored");
      expect(told.at(-1)?.type).toBe(`run${ended.status}`);
      // A task that is put into a second compound would be sent, and so scheduled, twice.
      const scheduled = ((await runs.hub.history(runId)) ?? []).filter(({ EventType }) => EventType === TASK_SCHEDULED);
      expect(callsIn(episodes.at(-1)?.actions ?? [])).toBe(scheduled.length);
      expect(scheduled).toHaveLength(events.filter(({ type }) => type === "executorStarted").length);
      expect(events.filter(({ type }) => type === "runOutput")).toHaveLength(ended.outputs.length);
    }),
    { numRuns: 150 },
  );
});
