import {
  eventRaised,
  type HubEvent,
  subOrchestrationCompleted,
  subOrchestrationFailed,
  taskCompleted,
  taskFailed,
  timerFired,
} from "../../src/host/hub/hub-event.ts";
import type { Decision } from "../../src/host/hub/replay/decision.ts";

/** One episode as it is recorded: when it began, what came in, and what it decided. Times are milliseconds. */
export interface RecordedEpisode {
  readonly atMs: number;
  readonly events: readonly HubEvent[];
  /** What the hub decides, in the order of ids. */
  readonly decided: readonly Partial<Decision>[];
  /** Ids that the SDK has given and the extension not yet: the known difference of a poll in flight. */
  readonly sdkIsAheadBy?: number;
}

export interface RecordedHistory {
  readonly title: string;
  readonly orchestration: string;
  readonly inputJson?: string;
  readonly episodes: readonly RecordedEpisode[];
}

const DAY_MS = 86_400_000;
const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value));

// What comes in. The times of these events are those of their episode, more or less; nothing depends on them.
const done = (id: number, result?: unknown) => taskCompleted(id, json(result), 0);
const broke = (id: number, name = "Hello") => taskFailed(id, `Activity function '${name}' failed:  no`, "at line 1", 0);
const childDone = (id: number, result: unknown) => subOrchestrationCompleted(id, json(result), 0);
const childBroke = (id: number) => subOrchestrationFailed(id, "Orchestrator function 'Sequence' failed: no", "at", 0);
const fired = (id: number) => timerFired(id, 0, 0);
const raised = (name: string, data: unknown) => eventRaised(name, json(data), 0);

// What is decided.
const activity = (id: number, name: string): Partial<Decision> => ({ kind: "scheduleActivity", id, name });
const timer = (id: number, fireAtMs: number): Partial<Decision> => ({ kind: "createTimer", id, fireAtMs });
const child = (id: number, name: string, instanceId: string): Partial<Decision> => ({
  kind: "createSubOrchestration",
  id,
  name,
  instanceId,
});
const completes = (id: number, output: unknown): Partial<Decision> => ({
  kind: "complete",
  id,
  outputJson: json(output),
});
const fails = (id: number): Partial<Decision> => ({ kind: "fail", id });

const start = (...decided: readonly Partial<Decision>[]): RecordedEpisode => ({ atMs: 0, events: [], decided });
const then = (
  atMs: number,
  events: readonly HubEvent[],
  ...decided: readonly Partial<Decision>[]
): RecordedEpisode => ({
  atMs,
  events,
  decided,
});

const requested = activity(0, "BuiltIn::HttpActivity");
const accepted = { statusCode: 202, headers: { Location: "https://example.com/thing" }, content: "" };
/** The SDK numbers the timer and the request after it at once, the extension the request when the timer has fired. */
const pollBegins: RecordedEpisode = { ...then(1_000, [done(0, lower(accepted))], timer(1, 31_000)), sdkIsAheadBy: 1 };
const pollGoesOn = then(31_000, [fired(1)], activity(2, "BuiltIn::HttpActivity"));

/** Header names as `fetch` gives them. */
function lower({ headers: { Location }, ...rest }: typeof accepted): object {
  return { ...rest, headers: { location: Location } };
}

/** Facts of histories that the SDK is tested with, rebuilt: the same ids, the same decisions, the same ends. */
export const RECORDED_HISTORIES: readonly RecordedHistory[] = [
  {
    title: "a plain sequence",
    orchestration: "Sequence",
    episodes: [
      start(activity(0, "Hello")),
      then(1_000, [done(0, "Hello, Tokyo!")], activity(1, "Hello")),
      then(2_000, [done(1, "Hello, Seattle!")], activity(2, "Hello")),
      then(3_000, [done(2, "Hello, London!")], completes(3, ["Hello, Tokyo!", "Hello, Seattle!", "Hello, London!"])),
    ],
  },
  {
    title: "an activity that succeeds at its second attempt",
    orchestration: "Retry",
    episodes: [
      start(activity(0, "Hello")),
      then(1_000, [broke(0)], timer(1, 11_000)),
      then(11_000, [fired(1)], activity(2, "Hello")),
      then(12_000, [done(2, "Hello, World!")], completes(3, "Hello, World!")),
    ],
  },
  {
    title: "an activity that fails at every attempt, with the extra timer after the last one",
    orchestration: "Retry",
    episodes: [
      start(activity(0, "Hello")),
      then(1_000, [broke(0)], timer(1, 11_000)),
      then(11_000, [fired(1)], activity(2, "Hello")),
      then(12_000, [broke(2)], timer(3, 12_000)),
      then(12_001, [fired(3)], fails(4)),
    ],
  },
  {
    title: "two activities with retries side by side, one of which fails once",
    orchestration: "RetryFanOut",
    episodes: [
      start(activity(0, "Hello"), activity(1, "Hello")),
      then(110, [broke(0), done(1, "Hello, Seattle!")], timer(2, 210)),
      then(210, [fired(2)], activity(3, "Hello")),
      then(300, [done(3, "Hello, Tokyo!")], completes(4, ["Hello, Tokyo!", "Hello, Seattle!"])),
    ],
  },
  {
    title: "two activities with retries side by side, both of which fail once, the second one first",
    orchestration: "RetryFanOut",
    episodes: [
      start(activity(0, "Hello"), activity(1, "Hello")),
      then(100, [broke(1), broke(0)], timer(2, 200), timer(3, 200)),
      then(200, [fired(3)], activity(4, "Hello")),
      then(201, [fired(2)], activity(5, "Hello")),
      then(300, [done(5, "Seattle"), done(4, "Tokyo")], completes(6, ["Tokyo", "Seattle"])),
    ],
  },
  {
    title: "two children with retries side by side, one of which fails once",
    orchestration: "ChildRetryFanOut",
    episodes: [
      start(child(0, "Sequence", "execution:0"), child(1, "Sequence", "execution:1")),
      then(110, [childBroke(0), childDone(1, "Hello, Seattle!")], timer(2, 210)),
      then(210, [fired(2)], child(3, "Sequence", "execution:3")),
      then(300, [childDone(3, "Hello, Tokyo!")], completes(4, ["Hello, Tokyo!", "Hello, Seattle!"])),
    ],
  },
  {
    title: "a fan-out whose members end in another order, over two episodes",
    orchestration: "FanOut",
    episodes: [
      start(activity(0, "Files")),
      then(1_000, [done(0, ["a", "b", "c"])], activity(1, "Size"), activity(2, "Size"), activity(3, "Size")),
      then(2_000, [done(2, 2)]),
      then(3_000, [done(3, 3), done(1, 1)], completes(4, 6)),
    ],
  },
  {
    title: "a fan-out with two members that fail: it ends when all have ended",
    orchestration: "FanOut",
    episodes: [
      start(activity(0, "Files")),
      then(1_000, [done(0, ["a", "b", "c"])], activity(1, "Size"), activity(2, "Size"), activity(3, "Size")),
      then(2_000, [done(1, 1), broke(2, "Size")]),
      then(3_000, [broke(3, "Size")], fails(4)),
    ],
  },
  {
    title: "a race of two activities that the first wins, and that ends with the second",
    orchestration: "AnyAOrB",
    episodes: [
      start(activity(0, "A"), activity(1, "B")),
      then(1_000, [done(0, "A")]),
      then(2_000, [done(1, "B")], completes(2, "A")),
    ],
  },
  {
    title: "a race of two activities that the second wins",
    orchestration: "AnyAOrB",
    episodes: [start(activity(0, "A"), activity(1, "B")), then(1_000, [done(1, "B"), done(0, "A")], completes(2, "B"))],
  },
  {
    title: "two events against a timer: the events win, and the timer is cancelled",
    orchestration: "EventsOrTimer",
    episodes: [
      start(timer(0, 300_000)),
      then(2_000, [raised("first", 1), raised("second", 2)], activity(1, "Hello")),
      then(3_000, [done(1, "Hello, Tokyo!")], completes(2, ["Hello, Tokyo!"])),
    ],
  },
  {
    title: "two events against a timer: the timer wins, and an event that comes too late changes nothing",
    orchestration: "EventsOrTimer",
    episodes: [
      start(timer(0, 300_000)),
      then(2_000, [raised("first", 1)]),
      then(300_000, [fired(0), raised("second", 2)], completes(1, ["timeout"])),
    ],
  },
  {
    title: "an activity against a timer that is never cancelled: the activity wins, and the end waits for the timer",
    orchestration: "TimerOrActivity",
    episodes: [
      start(timer(0, 1_000), activity(1, "A")),
      then(500, [done(1, {})], activity(2, "B")),
      then(1_000, [fired(0)]),
      then(1_500, [done(2, {})], completes(3, {})),
    ],
  },
  {
    title: "an activity against a timer: the timer wins, and the end waits for the activity",
    orchestration: "TimerOrActivity",
    episodes: [
      start(timer(0, 1_000), activity(1, "A")),
      then(1_000, [fired(0)]),
      then(2_000, [done(1, {})], completes(2, "Timer finished")),
    ],
  },
  {
    title: "many episodes with events that come before anybody waits",
    orchestration: "ManyEpisodes",
    episodes: [
      { atMs: 0, events: [raised("Check", 0)], decided: [activity(0, "Merge")] },
      then(1_000, [raised("Check", 1)]),
      then(2_000, [done(0, "")], timer(1, 3_000)),
      then(3_000, [fired(1)], activity(2, "IsMerged")),
      then(4_000, [done(2, false)], activity(3, "IsMerged")),
      then(5_000, [done(3, false)], activity(4, "IsMerged")),
      then(6_000, [done(4, false)]),
      then(7_000, [raised("Check", 2), raised("Check", 3), raised("Check", 4)], activity(5, "IsMerged")),
      then(8_000, [done(5, true)], completes(6, "merged")),
    ],
  },
  {
    title: "an event that an orchestration waits for",
    orchestration: "WaitForEvent",
    episodes: [
      start(),
      then(1_000, [raised("start", "World")], activity(0, "Hello")),
      then(2_000, [done(0, "Hello, World!")], completes(1, "Hello, World!")),
    ],
  },
  {
    title: "a timer",
    orchestration: "WaitForTimer",
    inputJson: "60000",
    episodes: [start(timer(0, 60_000)), then(60_000, [fired(0)], completes(1, "Timer fired!"))],
  },
  {
    title: "a timer longer than the longest one, in legs",
    orchestration: "WaitForTimer",
    inputJson: String(10 * DAY_MS),
    episodes: [
      start(timer(0, 3 * DAY_MS)),
      then(3 * DAY_MS, [fired(0)], timer(1, 6 * DAY_MS)),
      then(6 * DAY_MS, [fired(1)], timer(2, 9 * DAY_MS)),
      then(9 * DAY_MS, [fired(2)], timer(3, 10 * DAY_MS)),
      then(10 * DAY_MS, [fired(3)], completes(4, "Timer fired!")),
    ],
  },
  {
    title: "a child that succeeds",
    orchestration: "Child",
    episodes: [start(child(0, "Sequence", "recorded:0")), then(1_000, [childDone(0, "Hello")], completes(1, "Hello"))],
  },
  {
    title: "a child that fails",
    orchestration: "Child",
    episodes: [start(child(0, "Sequence", "recorded:0")), then(1_000, [childBroke(0)], fails(1))],
  },
  {
    title: "a child that succeeds at its second attempt, under the same id",
    orchestration: "ChildRetry",
    episodes: [
      start(child(0, "Sequence", "recorded:0")),
      then(1_000, [childBroke(0)], timer(1, 11_000)),
      then(11_000, [fired(1)], child(2, "Sequence", "recorded:0")),
      then(12_000, [childDone(2, "Hello")], completes(3, "Hello")),
    ],
  },
  {
    title: "a child that fails at every attempt, with the extra timer after the last one",
    orchestration: "ChildRetry",
    episodes: [
      start(child(0, "Sequence", "recorded:0")),
      then(1_000, [childBroke(0)], timer(1, 11_000)),
      then(11_000, [fired(1)], child(2, "Sequence", "recorded:0")),
      then(12_000, [childBroke(2)], timer(3, 12_000)),
      then(12_001, [fired(3)], fails(4)),
    ],
  },
  {
    title: "four children without ids of their own",
    orchestration: "ChildrenWithoutIds",
    episodes: [
      start(
        child(0, "Sequence", "execution:0"),
        child(1, "WaitForEvent", "execution:1"),
        child(2, "Sequence", "execution:2"),
        child(3, "WaitForEvent", "execution:3"),
      ),
      then(
        1_000,
        [0, 1, 2, 3].map((id) => childDone(id, id)),
        completes(4, [0, 1, 2, 3]),
      ),
    ],
  },
  {
    title: "an HTTP request that is answered at once",
    orchestration: "Http",
    episodes: [
      start(requested),
      then(
        1_000,
        [done(0, { statusCode: 200, headers: {}, content: "here" })],
        completes(1, { statusCode: 200, content: "here", headers: {} }),
      ),
    ],
  },
  {
    title: "an HTTP request that is polled, and answered the second time",
    orchestration: "Http",
    episodes: [
      start(requested),
      pollBegins,
      pollGoesOn,
      then(
        32_000,
        [done(2, { statusCode: 200, headers: {}, content: "done" })],
        completes(3, { statusCode: 200, content: "done", headers: {} }),
      ),
    ],
  },
  {
    title: "an HTTP request that is polled, and fails the second time",
    orchestration: "Http",
    episodes: [start(requested), pollBegins, pollGoesOn, then(32_000, [broke(2, "BuiltIn::HttpActivity")], fails(3))],
  },
  {
    title: "a failed activity that nobody catches",
    orchestration: "ThrowingActivity",
    episodes: [start(activity(0, "Throws")), then(1_000, [broke(0, "Throws")], fails(1))],
  },
  {
    title: "a failed activity that is caught",
    orchestration: "CaughtActivity",
    episodes: [
      start(activity(0, "Throws")),
      then(1_000, [broke(0, "Throws")], activity(1, "Hello")),
      then(2_000, [done(1, "Hello, World!")], completes(2, "Hello, World!")),
    ],
  },
];
