import { describe, expect, it } from "vitest";
import { problemOfInstanceId } from "../names.ts";
import { ACTION, type Action } from "./answer.ts";
import type { Decision } from "./decision.ts";
import { type Player, type ReplayInput, replay, replayOn } from "./replay.ts";
import { EVENT, type ReplayEvent } from "./replay-event.ts";

const DAY_MS = 86_400_000;

// The history, event by event. Times are milliseconds since the start.
const episode = (atMs: number): ReplayEvent => ({ type: EVENT.orchestratorStarted, atMs });
const end: ReplayEvent = { type: EVENT.orchestratorCompleted };
const started: ReplayEvent = { type: EVENT.executionStarted };
const suspended: ReplayEvent = { type: EVENT.executionSuspended };
const resumed: ReplayEvent = { type: EVENT.executionResumed };
const scheduled = (id: number, name: string): ReplayEvent => ({ type: EVENT.taskScheduled, id, name });
const completed = (taskId: number): ReplayEvent => ({ type: EVENT.taskCompleted, taskId });
const failed = (taskId: number): ReplayEvent => ({ type: EVENT.taskFailed, taskId });
const timer = (id: number): ReplayEvent => ({ type: EVENT.timerCreated, id });
const fired = (taskId: number): ReplayEvent => ({ type: EVENT.timerFired, taskId });
const child = (id: number, name: string): ReplayEvent => ({ type: EVENT.subOrchestrationCreated, id, name });
const childCompleted = (taskId: number): ReplayEvent => ({ type: EVENT.subOrchestrationCompleted, taskId });
const childFailed = (taskId: number): ReplayEvent => ({ type: EVENT.subOrchestrationFailed, taskId });
const raised = (name: string): ReplayEvent => ({ type: EVENT.eventRaised, name });

// The orchestrator's answer.
const call = (functionName: string, input?: unknown): Action => ({
  actionType: ACTION.callActivity,
  functionName,
  input,
});
const retryOptions = { firstRetryIntervalInMilliseconds: 1000, maxNumberOfAttempts: 2 };
const callWithRetry = (functionName: string, options: object = {}): Action => ({
  actionType: ACTION.callActivityWithRetry,
  functionName,
  retryOptions: { ...retryOptions, ...options },
});
const callChild = (functionName: string, instanceId?: string): Action => ({
  actionType: ACTION.callSubOrchestrator,
  functionName,
  instanceId,
});
const sleep = (atMs: number, isCanceled = false): Action => ({
  actionType: ACTION.createTimer,
  fireAt: new Date(atMs).toISOString(),
  isCanceled,
});
const waitFor = (externalEventName: string): Action => ({ actionType: ACTION.waitForExternalEvent, externalEventName });
const all = (...compoundActions: Action[]): Action => ({ actionType: ACTION.whenAll, compoundActions });
const any = (...compoundActions: Action[]): Action => ({ actionType: ACTION.whenAny, compoundActions });
const continueAsNew = (input: unknown): Action => ({ actionType: ACTION.continueAsNew, input });

interface Options {
  readonly isDone?: boolean;
  readonly error?: string;
  readonly settings?: Partial<ReplayInput["settings"]>;
}

function decide(actions: readonly Action[], events: readonly ReplayEvent[], options: Options = {}): Decision[] {
  const { isDone = false, error, settings } = options;
  const input: ReplayInput = {
    name: "Main",
    executionId: "exec",
    events,
    answer: {
      actions,
      isDone,
      outputJson: isDone ? '"out"' : null,
      customStatusJson: null,
      error: error === undefined ? null : { message: error, stack: "at Main" },
    },
    settings: {
      instanceId: "main",
      parentInstanceId: "above",
      isRegistered: (_kind, name) => !name.startsWith("Missing"),
      problemOfInstanceId,
      longestTimerMs: 6 * DAY_MS,
      timerLegMs: 3 * DAY_MS,
      maxActions: 100,
      httpPollMs: 30_000,
      trapped: () => {},
      ...settings,
    },
  };
  const decisions = replay(input);
  expect(decidedEpisodeByEpisode(input)).toEqual(decisions);
  return decisions;
}

/** The same decisions, by a player that goes on from episode to episode. */
function decidedEpisodeByEpisode(input: ReplayInput): Decision[] {
  const quiet = { ...input.settings, trapped: () => {} };
  const waiting = { ...input.answer, isDone: false, error: null };
  let player: Player | null = null;
  for (const [place, { type }] of input.events.entries()) {
    if (type !== EVENT.orchestratorCompleted) continue;
    const events = input.events.slice(0, place + 1);
    ({ player } = replayOn(player, { ...input, events, answer: waiting, settings: quiet }));
  }
  return replayOn(player, input).decisions;
}

const activity = (id: number, name: string, inputJson: string | null = null) => ({
  kind: "scheduleActivity",
  id,
  name,
  inputJson,
});
const fireAt = (id: number, fireAtMs: number) => ({ kind: "createTimer", id, fireAtMs });
const completion = (id: number) => ({ kind: "complete", id, outputJson: '"out"' });
const failure = (id: number, message: unknown) => expect.objectContaining({ kind: "fail", id, message });

describe("a sequence of activities", () => {
  it("schedules the first with id 0 and the input the orchestrator gave", () => {
    expect(decide([call("Hello", { city: "Tokyo" })], [episode(0), started])).toEqual([
      activity(0, "Hello", '{"city":"Tokyo"}'),
    ]);
  });

  it("schedules the next with the next id once the one before has completed", () => {
    const history = [episode(0), started, scheduled(0, "Hello"), end, episode(5), completed(0)];
    expect(decide([call("Hello"), call("Bye")], history)).toEqual([activity(1, "Bye")]);
  });

  it("gives no id to an action that the orchestrator listed behind one that still runs", () => {
    const history = [episode(0), started, scheduled(0, "Hello"), end, episode(5), raised("Other")];
    expect(decide([call("Hello"), call("Bye")], history)).toEqual([]);
  });

  it("completes with the id after the last one", () => {
    const history = [episode(0), started, scheduled(0, "A"), end, episode(5), completed(0)];
    expect(decide([call("A")], history, { isDone: true })).toEqual([completion(1)]);
  });

  it("takes a second outcome of one activity for nothing", () => {
    const history = [episode(0), started, scheduled(0, "A"), end, episode(5), completed(0), completed(0), failed(0)];
    expect(decide([call("A"), call("B")], history)).toEqual([activity(1, "B")]);
  });

  it("fails with the orchestrator's own error, in the words of the extension", () => {
    const history = [episode(0), started, scheduled(0, "A"), end, episode(5), failed(0)];
    expect(decide([call("A")], history, { error: "no luck" })).toEqual([
      {
        kind: "fail",
        id: 1,
        message: "Orchestrator function 'Main' failed: no luck",
        details: "Message: no luck, StackTrace: at Main",
      },
    ]);
  });
});

describe("an activity with retry", () => {
  const first = [episode(0), started, scheduled(0, "Try"), end];

  it("waits for the first interval after the first failure, then calls again", () => {
    const failedOnce = [...first, episode(100), failed(0)];
    expect(decide([callWithRetry("Try")], failedOnce)).toEqual([fireAt(1, 1100)]);
    const again = [...failedOnce, timer(1), end, episode(1100), fired(1)];
    expect(decide([callWithRetry("Try")], again)).toEqual([activity(2, "Try")]);
  });

  it("waits for one more timer, which fires at once, after the last failure", () => {
    const failedTwice = [
      ...first,
      ...[episode(100), failed(0), timer(1), end],
      ...[episode(1100), fired(1), scheduled(2, "Try"), end],
      ...[episode(1200), failed(2)],
    ];
    expect(decide([callWithRetry("Try")], failedTwice)).toEqual([fireAt(3, 1200)]);
    const over = [...failedTwice, timer(3), end, episode(1201), fired(3)];
    expect(decide([callWithRetry("Try")], over, { error: "gave up" })).toEqual([
      failure(4, "Orchestrator function 'Main' failed: gave up"),
    ]);
  });

  it("multiplies the interval by the coefficient, up to the longest interval", () => {
    const options = { maxNumberOfAttempts: 5, backoffCoefficient: 10, maxRetryIntervalInMilliseconds: 5000 };
    const history = [...first, episode(100), failed(0), timer(1), end, episode(1100), fired(1), scheduled(2, "Try")];
    const second = [...history, end, episode(2000), failed(2)];
    expect(decide([callWithRetry("Try", options)], second)).toEqual([fireAt(3, 7000)]);
  });

  it("takes ids in the order in which interleaved attempts fail", () => {
    const both = all(callWithRetry("A"), callWithRetry("B"));
    const history = [episode(0), started, scheduled(0, "A"), scheduled(1, "B"), end, episode(10), failed(1), failed(0)];
    expect(decide([both], history)).toEqual([fireAt(2, 1010), fireAt(3, 1010)]);
    const later = [...history, timer(2), timer(3), end, episode(1010), fired(3), fired(2)];
    expect(decide([both], later)).toEqual([activity(4, "A"), activity(5, "B")]);
  });

  it("fails the instance for an interval no timer can wait, which would hang on Azure", () => {
    const tooLong = callWithRetry("Try", { maxRetryIntervalInMilliseconds: 7 * DAY_MS });
    expect(decide([tooLong], [episode(0), started])).toEqual([failure(0, expect.stringContaining("longest timer"))]);
  });
});

describe("fan-out and fan-in", () => {
  const fanOut = all(call("A"), call("B"), call("C"));
  const scattered = [episode(0), started, scheduled(0, "A"), scheduled(1, "B"), scheduled(2, "C"), end];

  it("numbers the branches in the order of the list", () => {
    expect(decide([fanOut], [episode(0), started])).toEqual([activity(0, "A"), activity(1, "B"), activity(2, "C")]);
  });

  it("goes on when the last branch has completed, in whatever order they do", () => {
    const twoOfThree = [...scattered, episode(1), completed(2), end, episode(2), completed(0)];
    expect(decide([fanOut, call("Join")], twoOfThree)).toEqual([]);
    expect(decide([fanOut, call("Join")], [...twoOfThree, end, episode(3), completed(1)])).toEqual([
      activity(3, "Join"),
    ]);
  });

  it("does not fail the instance before all branches have ended, although the orchestrator gave up at the first", () => {
    const oneFailed = [...scattered, episode(1), failed(1)];
    expect(decide([fanOut], oneFailed, { error: "B failed" })).toEqual([]);
    const ended = [...oneFailed, end, episode(2), completed(0), completed(2)];
    expect(decide([fanOut], ended, { error: "B failed" })).toEqual([
      failure(3, "Orchestrator function 'Main' failed: B failed"),
    ]);
  });

  it("numbers nested compounds depth first", () => {
    const nested = all(call("A"), any(call("B"), sleep(9000)), call("C"));
    expect(decide([nested], [episode(0), started])).toEqual([
      activity(0, "A"),
      activity(1, "B"),
      fireAt(2, 9000),
      activity(3, "C"),
    ]);
  });
});

describe("a race against a timer", () => {
  const race = (isCanceled: boolean): Action => any(call("Work"), sleep(60_000, isCanceled));
  const begun = [episode(0), started, scheduled(0, "Work"), timer(1), end];

  it("completes at once when the work wins and the timer is cancelled", () => {
    expect(decide([race(true)], [...begun, episode(10), completed(0)], { isDone: true })).toEqual([completion(2)]);
  });

  it("stays open while a timer that lost is not cancelled", () => {
    const workWon = [...begun, episode(10), completed(0)];
    expect(decide([race(false)], workWon, { isDone: true })).toEqual([]);
    expect(decide([race(false)], [...workWon, end, episode(60_000), fired(1)], { isDone: true })).toEqual([
      completion(2),
    ]);
  });

  it("stays open while the work that lost still runs", () => {
    const timerWon = [...begun, episode(60_000), fired(1)];
    expect(decide([race(false)], timerWon, { isDone: true })).toEqual([]);
    expect(decide([race(false)], [...timerWon, end, episode(61_000), failed(0)], { isDone: true })).toEqual([
      completion(2),
    ]);
  });

  it("runs ahead past a cancelled timer on replay, to the action after the race", () => {
    const history = [...begun, episode(10), completed(0)];
    expect(decide([race(true), call("Next")], history)).toEqual([activity(2, "Next")]);
  });

  it("ignores the cancelled timer when it fires after all", () => {
    const history = [...begun, episode(10), completed(0), scheduled(2, "Next"), end, episode(60_000), fired(1)];
    expect(decide([race(true), call("Next")], history)).toEqual([]);
  });

  it("still creates a timer that was cancelled in the episode that made it", () => {
    expect(decide([sleep(5000, true)], [episode(0), started], { isDone: true })).toEqual([
      fireAt(0, 5000),
      completion(1),
    ]);
  });
});

describe("a timer longer than the longest timer", () => {
  it("is split into legs, the last one shorter", () => {
    const eightDays = [sleep(8 * DAY_MS)];
    const first = [episode(0), started];
    expect(decide(eightDays, first)).toEqual([fireAt(0, 3 * DAY_MS)]);
    const second = [...first, timer(0), end, episode(3 * DAY_MS), fired(0)];
    expect(decide(eightDays, second)).toEqual([fireAt(1, 6 * DAY_MS)]);
    const third = [...second, timer(1), end, episode(6 * DAY_MS), fired(1)];
    expect(decide(eightDays, third)).toEqual([fireAt(2, 8 * DAY_MS)]);
    const over = [...third, timer(2), end, episode(8 * DAY_MS), fired(2)];
    expect(decide(eightDays, over, { isDone: true })).toEqual([completion(3)]);
  });

  it("of exactly that length is one timer", () => {
    expect(decide([sleep(6 * DAY_MS)], [episode(0), started])).toEqual([fireAt(0, 6 * DAY_MS)]);
  });
});

describe("sub-orchestrations", () => {
  it("get the given instance id, or one made of execution id and number", () => {
    const both = all(callChild("Sub", "child-1"), callChild("Sub"));
    expect(decide([both], [episode(0), started])).toEqual([
      { kind: "createSubOrchestration", id: 0, name: "Sub", instanceId: "child-1", version: null, inputJson: null },
      { kind: "createSubOrchestration", id: 1, name: "Sub", instanceId: "exec:1", version: null, inputJson: null },
    ]);
  });

  it("are retried like activities, each attempt with an id of its own", () => {
    const retried: Action = { ...callChild("Sub"), actionType: ACTION.callSubOrchestratorWithRetry, retryOptions };
    const failedOnce = [episode(0), started, child(0, "Sub"), end, episode(50), childFailed(0)];
    expect(decide([retried], failedOnce)).toEqual([fireAt(1, 1050)]);
    const again = [...failedOnce, timer(1), end, episode(1050), fired(1)];
    expect(decide([retried], again)).toMatchObject([{ id: 2, instanceId: "exec:2" }]);
    const done = [...again, child(2, "Sub"), end, episode(1100), childCompleted(2)];
    expect(decide([retried], done, { isDone: true })).toEqual([completion(3)]);
  });

  it.each([
    ["main", "parent"],
    ["ABOVE", "parent"],
    ["@entity", "begins with @"],
    ["a/b", "one of /"],
  ])("fail the instance when the child is to be called %s", (instanceId, reason) => {
    expect(decide([callChild("Sub", instanceId)], [episode(0), started])).toEqual([
      failure(0, expect.stringContaining(reason)),
    ]);
  });
});

describe("external events", () => {
  it("take no id and satisfy waiters whatever the case of the name", () => {
    const history = [episode(0), started, end, episode(5), raised("GO")];
    expect(decide([waitFor("go"), call("A")], history)).toEqual([activity(0, "A")]);
  });

  it("that come before anyone waits are kept in order", () => {
    const history = [episode(0), started, raised("go"), raised("go"), scheduled(0, "A"), end, episode(5), completed(0)];
    expect(decide([call("A"), waitFor("go"), waitFor("go"), call("B")], history)).toEqual([activity(1, "B")]);
  });

  it("go to the newest waiter, so that an abandoned one swallows the last event", () => {
    const rounds = [any(waitFor("go"), waitFor("other")), any(waitFor("go"), waitFor("stop"))];
    const history = [episode(0), started, end, episode(1), raised("other"), end, episode(2), raised("go")];
    expect(decide([...rounds, waitFor("go")], history)).toEqual([]);
    const oneMore = [...history, end, episode(3), raised("go")];
    expect(decide([...rounds, waitFor("go"), call("A")], oneMore)).toEqual([activity(0, "A")]);
  });

  it("do not keep an instance open that nobody waits in any more", () => {
    const history = [episode(0), started, scheduled(0, "A"), end, episode(1), completed(0)];
    expect(decide([any(call("A"), waitFor("go"))], history, { isDone: true })).toEqual([completion(1)]);
  });
});

describe("continue-as-new", () => {
  it("begins the next generation with its input", () => {
    expect(decide([continueAsNew({ n: 1 })], [episode(0), started], { isDone: true })).toEqual([
      { kind: "continueAsNew", id: 0, inputJson: '{"n":1}', carriedOver: [] },
    ]);
  });

  it("carries over what came after it in the same episode, and drops what came before and was not waited for", () => {
    const history = [episode(0), started, end, episode(1), raised("other"), raised("go"), raised("go"), raised("late")];
    expect(decide([waitFor("go"), continueAsNew(1)], history, { isDone: true })).toEqual([
      { kind: "continueAsNew", id: 0, inputJson: "1", carriedOver: [6, 7] },
    ]);
  });

  it("waits for what is still open", () => {
    const history = [episode(0), started, scheduled(0, "Slow"), timer(1), end, episode(9), fired(1)];
    const actions = [any(call("Slow"), sleep(9)), continueAsNew(1)];
    expect(decide(actions, history, { isDone: true })).toEqual([]);
    expect(decide(actions, [...history, end, episode(20), completed(0)], { isDone: true })).toMatchObject([
      { kind: "continueAsNew", id: 2 },
    ]);
  });
});

describe("a suspended instance", () => {
  const begun = [episode(0), started, scheduled(0, "A"), end];

  it("decides nothing until it is resumed, then takes in what was held back", () => {
    const held = [...begun, episode(1), suspended, end, episode(2), completed(0)];
    expect(decide([call("A"), call("B")], held)).toEqual([]);
    expect(decide([call("A"), call("B")], [...held, end, episode(3), resumed])).toEqual([activity(1, "B")]);
  });

  it("keeps aside what was decided in the batch that suspended it", () => {
    const held = [...begun, episode(1), completed(0), suspended];
    expect(decide([call("A"), call("B")], held)).toEqual([]);
    expect(decide([call("A"), call("B")], [...held, end, episode(3), resumed])).toEqual([activity(1, "B")]);
  });

  it("replays alike after it was resumed", () => {
    const history = [...begun, episode(1), suspended, end, episode(2), completed(0), end, episode(3), resumed];
    const later = [...history, scheduled(1, "B"), end, episode(4), completed(1)];
    expect(decide([call("A"), call("B")], later, { isDone: true })).toEqual([completion(2)]);
  });
});

describe("an orchestrator that changed under a running instance", () => {
  const message = (part: string) =>
    expect.stringMatching(new RegExp(`^Orchestrator function 'Main' failed: Non-Deterministic workflow.*${part}`));

  it("fails when it no longer calls what the history has", () => {
    const history = [episode(0), started, scheduled(0, "A"), end, episode(1), completed(0)];
    expect(decide([waitFor("go")], history)).toEqual([
      failure(0, message("activity named 'A' with sequence number 0")),
    ]);
  });

  it("fails when it asks for another kind of thing", () => {
    expect(decide([sleep(5)], [episode(0), started, scheduled(0, "A")])).toEqual([failure(1, message("a timer"))]);
    expect(decide([call("A")], [episode(0), started, timer(0)])).toEqual([failure(1, message("a timer with"))]);
    expect(decide([call("A")], [episode(0), started, child(0, "A")])).toEqual([failure(1, message("sub-orch"))]);
  });

  it("fails when it calls another name, and not for the case of a name", () => {
    const history = [episode(0), started, scheduled(0, "Hello"), end, episode(1), completed(0)];
    expect(decide([call("Howdy")], history)).toEqual([failure(1, message("'Howdy'"))]);
    expect(decide([call("HELLO")], history, { isDone: true })).toEqual([completion(1)]);
  });
});

describe("what the local host refuses loudly", () => {
  it.each([
    ["activity", call("MissingOne")],
    ["orchestrator", callChild("MissingOne")],
    ["activity", callWithRetry("MissingOne")],
  ])("is an unknown %s, which would hang on Azure", (kind, action) => {
    expect(decide([action], [episode(0), started])).toEqual([
      failure(
        0,
        `Orchestrator function 'Main' failed: There is no ${kind} function 'MissingOne' in this app. ` +
          "On Azure this instance would stay Running for ever instead of failing.",
      ),
    ]);
  });

  it.each([
    ["scheduledSignalEntity", ACTION.scheduledSignalEntity],
    ["unknown type 99", 99],
  ])("is an action it does not support: %s", (name, actionType) => {
    expect(decide([call("A"), { actionType }], [episode(0), started, scheduled(0, "A"), completed(0)])).toEqual([
      failure(1, expect.stringContaining(name)),
    ]);
  });

  it("is more actions in one generation than the limit", () => {
    const events = [episode(0), started];
    const three = all(call("A"), call("B"), sleep(5));
    expect(decide([three], events, { settings: { maxActions: 3 } })).toHaveLength(3);
    expect(decide([three], events, { settings: { maxActions: 2 } })).toEqual([
      failure(2, expect.stringContaining("more than 2 actions")),
    ]);
  });
});
