import { describe, expect, it } from "vitest";
import {
  decisionEvent,
  eventRaised,
  executionStarted,
  type HubEvent,
  orchestratorCompleted,
  orchestratorStarted,
} from "../../src/host/hub/hub-event.ts";
import { problemOfInstanceId } from "../../src/host/hub/names.ts";
import { readAnswer } from "../../src/host/hub/replay/answer.ts";
import type { Decision } from "../../src/host/hub/replay/decision.ts";
import { replay } from "../../src/host/hub/replay/replay.ts";
import { isDecision } from "../../src/host/hub/replay/replay-event.ts";
import { orchestrationTrigger } from "../../src/host/hub/trigger.ts";
import { capturedFunctions, type OrchestratorCall } from "../support/capture-functions.ts";
import "./known-orchestrations.ts";
import { RECORDED_HISTORIES, type RecordedHistory } from "./recorded-histories.ts";

const DAY_MS = 86_400_000;
const ENDS = ["complete", "fail", "continueAsNew"];
const SETTINGS = { longestTimerMs: 6 * DAY_MS, timerLegMs: 3 * DAY_MS, httpPollMs: 30_000 };

interface Played {
  readonly decisions: readonly Decision[];
  /** How many ids the extension's side has given so far, ends not counted. */
  readonly ids: number;
  /** How many the SDK has given. */
  readonly sdkIds: number;
}

/** Calls the SDK's orchestrator over a history, and plays its answer against that history. */
async function play(
  { orchestration, inputJson }: Pick<RecordedHistory, "orchestration" | "inputJson">,
  past: readonly HubEvent[],
  fresh: readonly HubEvent[],
  schema: 2 | 3,
): Promise<Played> {
  const calls: OrchestratorCall[] = [];
  const invoker = capturedFunctions({ orchestrator: (call) => calls.push(call) });
  const trigger = orchestrationTrigger(
    {
      past: past.map(({ value }) => ({ value, atMs: Date.parse(value.Timestamp) })),
      fresh,
      inputJson: inputJson ?? null,
      instanceId: "recorded",
      parentInstanceId: null,
    },
    { ...SETTINGS, schema },
  );
  const result = await invoker.invokeOrchestrator(orchestration, trigger, "recorded");
  const decisions = replay({
    name: orchestration,
    executionId: "execution",
    events: [...past, ...fresh].map((event) => event.replay),
    answer: readAnswer(result),
    settings: {
      ...SETTINGS,
      instanceId: "recorded",
      parentInstanceId: null,
      isRegistered: () => true,
      problemOfInstanceId,
      maxActions: 1_000,
      trapped: () => {},
    },
  });
  const recorded = past.filter((event) => isDecision(event.replay)).length;
  const ids = recorded + decisions.filter(({ kind }) => !ENDS.includes(kind)).length;
  return { decisions, ids, sdkIds: calls[0]?.idsTaken ?? -1 };
}

function startEvent({ orchestration: name, inputJson }: RecordedHistory): HubEvent {
  const ids = { instanceId: "recorded", executionId: "execution" };
  return executionStarted({ ...ids, name, inputJson: inputJson ?? null, version: null, parent: null }, 0);
}

const recordedAs = (decisions: readonly Decision[], atMs: number) =>
  decisions.flatMap((decision) => decisionEvent(decision, atMs) ?? []);

describe.each([2, 3] as const)("with replay schema %i, the recorded history of", (schema) => {
  it.each(RECORDED_HISTORIES)("$title gives the same ids, decisions and end", async (history) => {
    let past: HubEvent[] = [];
    for (const { atMs, events, decided, sdkIsAheadBy = 0 } of history.episodes) {
      const first = past.length === 0 ? [startEvent(history)] : [];
      const fresh = [orchestratorStarted(atMs), ...first, ...events];
      const { decisions, ids, sdkIds } = await play(history, past, fresh, schema);
      expect(decisions).toMatchObject(decided);
      expect(decisions).toHaveLength(decided.length);
      expect(sdkIds - ids).toBe(sdkIsAheadBy);
      past = [...past, ...fresh, ...recordedAs(decisions, atMs), orchestratorCompleted(atMs)];
    }
  });

  it("a call of an entity, whose answer has the name of its request", async () => {
    const history = { orchestration: "Entity" };
    const first = [orchestratorStarted(0), startEvent({ ...history, title: "", episodes: [] })];
    const { decisions, ids, sdkIds } = await play(history, [], first, schema);
    expect(decisions).toMatchObject([{ kind: "sendToEntity", id: 0, name: "op", entityId: "@text@one" }]);
    expect([ids, sdkIds]).toEqual([1, 1]);
    const [sent] = decisions;
    const requestId = sent?.kind === "sendToEntity" ? (JSON.parse(sent.requestJson) as { id: string }).id : "";
    const past = [...first, ...recordedAs(decisions, 0), orchestratorCompleted(0)];
    const answered = [orchestratorStarted(2_000), eventRaised(requestId, '{"result":null}', 2_000)];
    const end = await play(history, past, answered, schema);
    expect(end.decisions).toMatchObject([{ kind: "complete", id: 1, outputJson: '"OK"' }]);
  });
});

describe("the recorded batches of entities", () => {
  const self = { name: "counter", key: "one" };
  const batch = (...operations: readonly (readonly [name: string, input?: unknown])[]) =>
    operations.map(([name, input]) => ({
      id: name,
      name,
      isSignal: false,
      input: input === undefined ? null : JSON.stringify(input),
    }));

  async function answer(name: string, state: unknown, operations: ReturnType<typeof batch>): Promise<unknown> {
    const exists = state !== undefined;
    const trigger = { self, exists, state: exists ? JSON.stringify(state) : null, batch: operations };
    const result = await capturedFunctions().invokeEntity(name, JSON.stringify(trigger), "@counter@one");
    const { entityExists, entityState, results } = JSON.parse(result.ok ? (result.resultJson ?? "") : "{}");
    const outcomes = (results as { isError: boolean; result?: string }[]).map(({ isError, result: text }) =>
      isError ? "error" : text,
    );
    return { entityExists, entityState, outcomes };
  }

  it("of a counter: one result for each operation, in their order, and the state after the last", async () => {
    const operations = batch(["get"], ["add", 4], ["increment"], ["get"]);
    expect(await answer("Counter", 3, operations)).toEqual({
      entityExists: true,
      entityState: "8",
      outcomes: ["3", undefined, undefined, "8"],
    });
  });

  it("of a counter without a state: the operations that need one fail, the next ones go on", async () => {
    const operations = batch(["increment"], ["set", 3], ["increment"], ["get"]);
    expect(await answer("Counter", undefined, operations)).toEqual({
      entityExists: true,
      entityState: "4",
      outcomes: ["error", undefined, undefined, "4"],
    });
  });

  it("of an asynchronous text: what was set is what is got", async () => {
    const operations = batch(["get"], ["set", "set 1"], ["get"], ["set", "set 2"], ["get"]);
    expect(await answer("Note", "set 0", operations)).toEqual({
      entityExists: true,
      entityState: '"set 2"',
      outcomes: ['"set 0"', undefined, '"set 1"', undefined, '"set 2"'],
    });
  });
});
