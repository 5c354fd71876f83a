import { describe, expect, it } from "vitest";
import { chainOn, chainStart } from "../../../src/host/hub/history-chain.ts";
import type { HistoryEvent } from "../../../src/host/hub/task-hub.ts";
import type { RecordedEvent } from "../../../src/wire/run-event.ts";
import { capturedFunctions } from "../../support/capture-functions.ts";
import { storePlaces } from "../../support/hub-harness.ts";
import { scenarios } from "../scenarios/all.ts";
import { type Play, play, TIMERS } from "../support/play.ts";
import type { Evidence, SeenCall } from "./evidence.ts";
import { type Exported, type ExportedInstance, type ExportedRun, eventsOf } from "./exported.ts";
import { replayViolationsIn, violationsIn } from "./invariants.ts";

/** Whoever checks the checker gives it right logs with one thing wrong in each: every one has to be found. */
type Wrong = Pick<Play, "exported" | "evidence">;

async function played(name: string): Promise<Wrong> {
  const scenario = scenarios.find((one) => one.name === name);
  const place = storePlaces[0]?.[1]();
  if (!scenario || !place) throw new Error(`There is no story "${name}".`);
  return play(scenario, place);
}

const steps = await played("five steps in a row");
const sleep = await played("a sleep");
const failure = await played("a failure that is caught");
const children = await played("two children, one after the other");
const mail = await played("two events");
const entity = await played("calls of an entity, and a signal");
const diamond = await played("the workflow Diamond with 3");
const approvals = await played('the workflow OneAfterTheOther with "a desk"');
const state = await played("the workflow StateIsSeenNext with 5");
const zip = await played("the workflow Zip with 1");
const retried = await played("the workflow Retried with 3");
const frames = await played("the workflow RoutedOutputs with 10");
const counted = await played("the workflow ManyFrames with 5");
const mapped = await played("the workflow MappedTwoAtATime with [1,2,3,4,5]");
const mappedFrames = await played("the workflow MappedWorkflow with [1,2,3]");

const EVENT = { start: 0, end: 1, scheduled: 4, completed: 5, raised: 15, sent: 14, episode: 12, episodeEnd: 13 };

/** Changes the first instance's history, with a chain that fits it. */
function history({ exported, evidence }: Wrong, change: (events: HistoryEvent[]) => readonly HistoryEvent[]): Wrong {
  return instance({ exported, evidence }, (one) => {
    const events = change(eventsOf(one));
    const chunk = {
      firstEvent: 0,
      eventCount: events.length,
      events: events.map((event) => JSON.stringify(event)).join(","),
    };
    const checksum = chainOn(chainStart(one.row), chunk);
    return { ...one, row: { ...one.row, historyChecksum: checksum }, chunks: [{ ...chunk, checksum }] };
  });
}

function instance({ exported, evidence }: Wrong, change: (instance: ExportedInstance) => ExportedInstance): Wrong {
  const [first, ...others] = exported.instances.toSorted((a, b) => a.row.key - b.row.key);
  if (!first) throw new Error("Nothing was exported.");
  return { evidence, exported: { ...exported, instances: [change(first), ...others] } };
}

function run(wrong: Wrong, change: (run: ExportedRun) => Partial<ExportedRun>): Wrong {
  return instance(wrong, (one) => ({ ...one, ...(one.run && { run: { ...one.run, ...change(one.run) } }) }));
}

function runEvents(wrong: Wrong, change: (events: readonly RecordedEvent[]) => readonly RecordedEvent[]): Wrong {
  const numbered = (events: readonly RecordedEvent[]) =>
    events.map((event, place) => ({ ...event, number: place + 1 }));
  return run(wrong, ({ events }) => ({ events: numbered(change(events)) }));
}

function rows(wrong: Wrong, more: Partial<Exported>): Wrong {
  return { ...wrong, exported: { ...wrong.exported, ...more } };
}

function seen(wrong: Wrong, more: Partial<Evidence>): Wrong {
  return { ...wrong, evidence: { ...wrong.evidence, ...more } };
}

function calls(wrong: Wrong, change: (calls: readonly SeenCall[]) => readonly SeenCall[]): Wrong {
  return seen(wrong, { calls: change(wrong.evidence.calls) });
}

const without = (type: number) => (events: readonly HistoryEvent[]) => {
  const place = events.findIndex(({ EventType }) => EventType === type);
  return events.filter((_event, index) => index !== place);
};
const twice = (type: number) => (events: readonly HistoryEvent[]) =>
  events.flatMap((event, place) =>
    place === events.findIndex(({ EventType }) => EventType === type) ? [event, event] : [event],
  );
/** An instance as it was before its end. */
const stillOpen = (wrong: Wrong): Wrong =>
  instance(wrong, (one) => ({ ...one, row: { ...one.row, status: "Running", output: null } }));
const cutBehind = (wrong: Wrong, type: number): Wrong =>
  stillOpen(
    history(wrong, (events) => {
      const place = events.findIndex(({ EventType }) => EventType === type);
      return [...events.slice(0, place + 1), { EventType: EVENT.episodeEnd, EventId: -1, Timestamp: "" }];
    }),
  );
const key = steps.exported.instances[0]?.row.key ?? 0;
const executionId = steps.exported.instances[0]?.row.executionId ?? "";

const WRONG: readonly (readonly [invariant: string, what: string, wrong: Wrong])[] = [
  [
    "I1",
    "a row with another checksum",
    instance(steps, (one) => ({ ...one, chunks: one.chunks.map((chunk) => ({ ...chunk, checksum: 7 })) })),
  ],
  [
    "I1",
    "a row that is missing",
    instance(steps, (one) => ({ ...one, chunks: one.chunks.filter((_, place) => place !== 1) })),
  ],
  ["I1", "two rows in another order", instance(steps, (one) => ({ ...one, chunks: one.chunks.toReversed() }))],
  [
    "I1",
    "a letter that has changed",
    instance(steps, (one) => ({
      ...one,
      chunks: one.chunks.map((chunk) => ({ ...chunk, events: chunk.events.replace('\\"a\\"', '\\"z\\"') })),
    })),
  ],
  ["I1", "an input that has changed", instance(zip, (one) => ({ ...one, row: { ...one.row, inputJson: "{}" } }))],
  ["I1", "a last row that is missing", instance(steps, (one) => ({ ...one, chunks: one.chunks.slice(0, -1) }))],
  [
    "I1",
    "a run event whose number is left out",
    run(diamond, ({ events }) => ({ events: events.filter(({ number }) => number !== 4) })),
  ],
  ["I1", "a run that begins without its start", runEvents(diamond, (events) => events.slice(1))],
  ["I2", "an acknowledged start that is gone", rows(steps, { instances: [] })],
  ["I2", "a start that is there twice", history(steps, twice(EVENT.start))],
  ["I2", "an acknowledged event that is gone", history(mail, without(EVENT.raised))],
  ["I2", "an acknowledged event that is there twice", history(mail, twice(EVENT.raised))],
  ["I3", "a task with two outcomes", history(steps, twice(EVENT.completed))],
  ["I3", "an answer of an entity that comes twice", history(entity, twice(EVENT.raised))],
  [
    "I3",
    "a call of an executor that is completed twice",
    runEvents(diamond, (events) => [
      ...events.filter(({ type }) => type === "runStarted" || type === "executorStarted"),
      ...events.filter(({ type }) => type === "executorCompleted"),
      ...events.filter(({ type }) => type === "executorCompleted").slice(0, 1),
    ]),
  ],
  ["I4", "an outcome without its schedule", history(steps, without(EVENT.scheduled))],
  ["I4", "an episode without a cause", history(steps, without(EVENT.completed))],
  [
    "I4",
    "an id that is left out",
    history(sleep, (events) =>
      events.map((event) => (event.EventType === EVENT.scheduled ? { ...event, EventId: 9 } : event)),
    ),
  ],
  ["I4", "an episode that does not end", history(steps, without(EVENT.episodeEnd))],
  [
    "I4",
    "a call that ends before it begins",
    runEvents(diamond, (events) => events.filter(({ type }) => type !== "executorStarted")),
  ],
  [
    "I5",
    "a request that is answered twice",
    runEvents(approvals, (events) =>
      events.flatMap<RecordedEvent>((event) => (event.type === "requestAnswered" ? [event, event] : [event])),
    ),
  ],
  [
    "I5",
    "a request that is answered and timed out",
    runEvents(approvals, (events) =>
      events.flatMap<RecordedEvent>((event) =>
        event.type === "requestAnswered"
          ? [event, { ...event, type: "requestTimedOut" as const, followedBy: "failure" as const }]
          : [event],
      ),
    ),
  ],
  [
    "I5",
    "an answer to a request that was never opened",
    runEvents(approvals, (events) => events.filter(({ type }) => type !== "requestOpened")),
  ],
  [
    "I6",
    "an outcome behind the end",
    history(steps, (events) => [
      ...events,
      ...events.filter(({ EventType }) => EventType === EVENT.completed).slice(0, 1),
    ]),
  ],
  ["I6", "an end that the instance does not know", stillOpen(steps)],
  ["I6", "an instance that has ended without an end", history(steps, without(EVENT.end))],
  ["I6", "an end of another kind", instance(steps, (one) => ({ ...one, row: { ...one.row, status: "Failed" } }))],
  [
    "I6",
    "a call behind the end of its run",
    runEvents(diamond, (events) => [...events, ...events.filter(({ type }) => type === "executorStarted").slice(0, 1)]),
  ],
  [
    "I7",
    "an activity of an instance that has ended",
    rows(steps, {
      activities: [{ key, seq: 99, instanceId: "one", executionId, taskId: 0, name: "Say", inputJson: null }],
    }),
  ],
  [
    "I7",
    "a timer of an instance that is gone",
    rows(steps, { timers: [{ key: 77, seq: 99, executionId, timerId: 0, fireAtMs: 0 }] }),
  ],
  ["I7", "an activity that is open, and nobody will call", cutBehind(steps, EVENT.scheduled)],
  [
    "I7",
    "an activity that waits twice",
    rows(cutBehind(steps, EVENT.scheduled), {
      activities: [1, 2].map((seq) => ({
        key,
        seq,
        instanceId: "one",
        executionId,
        taskId: 0,
        name: "Say",
        inputJson: null,
      })),
    }),
  ],
  ["I7", "a sub-orchestration that is open, and does not exist", cutBehind(children, 7)],
  [
    "I7",
    "an instance that is suspended, and was not",
    instance(cutBehind(steps, EVENT.scheduled), (one) => ({ ...one, row: { ...one.row, status: "Suspended" } })),
  ],
  [
    "I7",
    "a status of its run that its history does not tell",
    instance(diamond, (one) => ({ ...one, row: { ...one.row, status: "Failed" } })),
  ],
  [
    "I8",
    "a repeated call that is given something else",
    calls(diamond, (all) =>
      all.flatMap((call, place) =>
        place === 1
          ? [call, { ...call, inputJson: call.inputJson?.replace('"valueJson":"3"', '"valueJson":"4"') ?? null }]
          : [call],
      ),
    ),
  ],
  [
    "I9",
    "a fan-in in another order",
    calls(diamond, (all) =>
      all.map((call) => ({ ...call, inputJson: call.inputJson?.replace("[4,36]", "[36,4]") ?? null })),
    ),
  ],
  [
    "I9",
    "two messages in another order",
    calls(zip, (all) =>
      all.map((call) => ({
        ...call,
        inputJson: swapped(call.inputJson ?? "null", '"valueJson":"[2,2]"', '"valueJson":"[3,4]"'),
      })),
    ),
  ],
  [
    "I9",
    "a message that nobody was given",
    calls(zip, (all) => all.filter(({ inputJson }) => !inputJson?.includes('"callKey":"Collect-3-3"'))),
  ],
  [
    "I9",
    "two outputs of a sub-workflow in another order",
    swappedCalls(frames, '"valueJson":"12"', '"valueJson":"10"'),
  ],
  ["I9", "a message of another frame", swappedCalls(counted, '"valueJson":"6"', '"valueJson":"11"')],
  ["I9", "two items of a list in another order", swappedCalls(mapped, '"valueJson":"2"', '"valueJson":"4"')],
  [
    "I9",
    "results of a map in another order",
    calls(mapped, (all) => all.map((call) => changedCall(call, "[1,4,9,16,25]", "[1,4,9,25,16]"))),
  ],
  [
    "I9",
    "an item that nobody was given",
    calls(mapped, (all) => all.filter((call) => !gives(call, '"valueJson":"5"'))),
  ],
  ["I9", "items of workflows in another order", swappedCalls(mappedFrames, '"valueJson":"1"', '"valueJson":"3"')],
  [
    "I9",
    "results of workflows in another order",
    calls(mappedFrames, (all) => all.map((call) => changedCall(call, "[4,6,8]", "[8,6,4]"))),
  ],
  [
    "I10",
    "a call that sees the state of another frame",
    calls(counted, (all) => all.map((call) => changedCall(call, '"calls":"1"', '"calls":"2"'))),
  ],
  [
    "I10",
    "a call that sees what its own superstep wrote",
    calls(state, (all) =>
      all.map((call) =>
        call.name.endsWith("-Beside")
          ? { ...call, inputJson: call.inputJson?.replace('"total":"100"', '"total":"106"') ?? null }
          : call,
      ),
    ),
  ],
  [
    "I11",
    "an attempt more than the plan allows",
    runEvents(retried, (events) =>
      events.map((event) =>
        event.type === "executorStarted" && event.attempt === 3 ? { ...event, attempt: 4 } : event,
      ),
    ),
  ],
  [
    "I12",
    "a call before its schedule is on disk",
    calls(steps, (all) => all.map((call, place) => ({ ...call, isScheduled: place !== 2 }))),
  ],
  ["I13", "an instance that waits for nothing", cutBehind(mail, EVENT.start)],
  ["I14", "an outcome that nobody was called for", calls(steps, (all) => all.slice(1))],
  ["I14", "a call too many without a crash", calls(failure, (all) => [...all, ...all.slice(0, 1)])],
];

function gives({ inputJson }: SeenCall, text: string): boolean {
  return inputJson?.includes(text) ?? false;
}

function changedCall(call: SeenCall, before: string, after: string): SeenCall {
  return { ...call, inputJson: call.inputJson?.replace(before, after) ?? null };
}

function swappedCalls(wrong: Wrong, one: string, other: string): Wrong {
  return calls(wrong, (all) =>
    all.map((call) => ({ ...call, inputJson: swapped(call.inputJson ?? "null", one, other) })),
  );
}

function swapped(text: string, one: string, other: string): string {
  return text.includes(one) ? text.replace(one, other) : text.replace(other, one);
}

describe("the checker of invariants", () => {
  it.each(
    Object.entries({
      steps,
      sleep,
      failure,
      children,
      mail,
      entity,
      diamond,
      approvals,
      state,
      zip,
      retried,
      frames,
      counted,
      mapped,
      mappedFrames,
    }),
  )("finds nothing wrong with what was played: %s", (_name, { exported, evidence }) => {
    expect(violationsIn(exported, evidence)).toEqual([]);
  });

  it("is checked with 30 wrong logs at least", () => {
    expect(WRONG.length).toBeGreaterThanOrEqual(30);
  });

  it.each(WRONG)("finds by %s %s", (invariant, _what, { exported, evidence }) => {
    expect(violationsIn(exported, evidence).map((text) => text.split(" ")[0])).toContain(invariant);
  });

  it("finds by I8 a history that its orchestrator would not write again", async () => {
    const renamed = history(steps, (events) =>
      events.map((event) =>
        event.EventType === EVENT.scheduled && event.EventId === 2 ? { ...event, Name: "Sing" } : event,
      ),
    );
    const found = await replayViolationsIn(renamed.exported, capturedFunctions(), TIMERS);
    expect(found[0]).toMatch(/^I8 one: replayed from event \d+ it decides .*"Say".*, not .*"Sing"/);
  });
});
