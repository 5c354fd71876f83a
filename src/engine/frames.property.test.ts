import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  completed,
  conditional,
  direct,
  failed,
  fanIn,
  fanOut,
  mapOver,
  onError,
  outcomeOf,
  planOf,
  returned,
  ScriptedRun,
  sent,
} from "../../test/support/scripted-run.ts";
import type { Delivery } from "../wire/delivery.ts";
import { nodesOn } from "../wire/frame-path.ts";
import type { OutcomeResult, SentMessage } from "../wire/outcome.ts";
import type { Plan, PlanEdge, PlanExecutor, PlanGraph } from "../wire/plan.ts";
import type { RunState } from "../wire/run-state.ts";
import { nextWake } from "./transitions.ts";

/**
 * Random graphs with sub-workflows three levels deep, maps, ports, failures and halts, retries, limits of time, compensation
 * and cancels. `W` is a sub-workflow, `P` a port; in some graphs `x` is kept between the calls of their node.
 */

const IDS = ["A", "B", "P", "W"];
const LEVELS = ["Top", "Middle", "Bottom"];

const policy = fc.constantFrom<"all" | "settle" | { atLeast: number }>("all", "settle", { atLeast: 1 });

function edgeOver(ids: readonly string[]): fc.Arbitrary<PlanEdge> {
  const id = fc.constantFrom(...ids);
  const some = fc.uniqueArray(id, { minLength: 1, maxLength: 3 });
  return fc.oneof(
    fc.tuple(id, id).map(([from, to]) => direct(from, to)),
    fc.tuple(id, id).map(([from, to]) => conditional(from, to)),
    fc.tuple(id, some).map(([from, to]) => fanOut(from, to, true)),
    fc.tuple(some, id, fc.boolean()).map(([from, to, allowMissing]) => fanIn(from, to, allowMissing)),
    { weight: 3, arbitrary: fc.tuple(id, id).map(([from, to]) => onError(from, to)) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(id, id, id, policy, fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }))
        .map(([from, each, to, how, concurrency]) => mapOver(from, each, to, how, concurrency)),
    },
  );
}

/** What an executor has besides its edges: calls are tried again, undone, and a request waits for so long only. */
const manners: fc.Arbitrary<Partial<PlanExecutor>> = fc.record(
  {
    retry: fc.record({
      maxAttempts: fc.integer({ min: 1, max: 3 }),
      firstDelayMs: fc.constantFrom(0, 1_000),
      backoff: fc.constant(2),
      maxDelayMs: fc.constant(60_000),
      jitter: fc.constantFrom(0, 0.5),
    }),
    compensates: fc.constant(true as const),
  },
  { requiredKeys: [] },
);
const patience: fc.Arbitrary<Partial<PlanExecutor>> = fc.record(
  {
    requestTimeout: fc.oneof(
      fc.record({ afterMs: fc.constantFrom(1, 1_000) }),
      fc.record({ afterMs: fc.constant(1_000), respondWithJson: fc.constant("[[8]]") }),
      fc.record({ afterMs: fc.constant(1_000), escalateTo: fc.constant("P") }),
    ),
  },
  { requiredKeys: [] },
);
const timeLimit = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.record({ timeoutMs: fc.constantFrom(1_000, 7_200_000) }) },
);

const graphAt = (level: number): fc.Arbitrary<PlanGraph> => {
  const ids = level === LEVELS.length - 1 ? IDS.filter((id) => id !== "W") : IDS;
  return fc
    .record({
      edges: fc.uniqueArray(edgeOver(ids), { selector: ({ id }) => id, minLength: 2, maxLength: 8 }),
      outputs: fc.subarray(ids),
      start: fc.constantFrom(...ids),
      isKept: fc.boolean(),
      manners: fc.tuple(manners, manners, patience),
      timeLimit,
    })
    .map(({ edges, outputs, start, isKept, manners: [ofA, ofB, ofP], timeLimit }) => {
      const mannersOf: Readonly<Record<string, Partial<PlanExecutor>>> = { A: ofA, B: ofB, P: ofP };
      const executors = [start, ...ids.filter((id) => id !== start)];
      const {
        format: _f,
        limits: _l,
        ...graph
      } = planOf({ executors, ports: ["P"], edges, outputs, state: { x: "0" } });
      const below = LEVELS[level + 1];
      return {
        ...graph,
        ...timeLimit,
        workflow: LEVELS[level] ?? "",
        state: graph.state.map((key) => ({ ...key, ...(isKept && { isKept }) })),
        executors: graph.executors.map((one) =>
          one.id === "W" && below !== undefined
            ? { ...one, kind: "workflow" as const, workflow: below }
            : { ...one, ...mannersOf[one.id], writes: ["x"], schemas: { yields: "0".repeat(16) } },
        ),
      };
    });
};

const plan: fc.Arbitrary<Plan> = fc
  .tuple(graphAt(0), graphAt(1), graphAt(2), fc.integer({ min: 1, max: 5 }))
  .map(([top, middle, bottom, maxCallsPerSuperstep]) => ({
    ...planOf({ executors: ["A"] }),
    ...top,
    workflows: [middle, bottom],
    limits: { maxCallsPerSuperstep, maxSupersteps: 40, maxStateChars: 20_000 },
  }));

/** Choices that depend on the seed and the call alone, so that they are the same in whichever order outcomes come. */
function chooser(seed: number, key: string): (count: number) => number {
  let state = [...key].reduce((hash, letter) => Math.imul(hash, 31) + letter.charCodeAt(0), seed) >>> 0;
  return (count) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * count);
  };
}

function answer(delivery: Delivery, seed: number): OutcomeResult {
  const choose = chooser(seed, `${delivery.callKey} ${delivery.attempt} ${delivery.superstep}`);
  const dice = choose(40);
  if (dice === 0) return failed("gone", "EXECUTOR_NOT_DEPLOYED");
  if (dice < 5) return failed("broken");
  if (delivery.call.kind === "compensation") return completed();
  if (delivery.executorId === "P" && delivery.call.kind === "message") {
    return { status: "requestOpened", requestJson: '"?"' };
  }
  const message = (): SentMessage => {
    const routesOf = (edges: readonly PlanEdge[]) =>
      Object.fromEntries(
        edges.map((edge) => [
          edge.id,
          edge.kind === "fanOut" ? edge.to.filter(() => choose(2) === 0) : choose(2) === 0,
        ]),
      );
    // Lists, since any of them may come to a map.
    const value = Array.from({ length: choose(5) }, (_, place) => [place]);
    const routes = routesOf(delivery.edges);
    const outer = (delivery.outer ?? []).map(routesOf);
    return choose(3) === 0 ? sent(value, { routes }) : { ...returned(value, routes), outer };
  };
  const messages = [
    ...Array.from({ length: choose(3) }, message).filter(({ origin }) => origin === "sent"),
    ...(choose(4) === 0 ? [] : [{ ...message(), origin: "returned" as const }]),
  ];
  const yielded = choose(5) === 0 ? ["[[9]]"] : [];
  const writes: Record<string, string> = choose(12) === 0 ? { x: "1234" } : {};
  return completed({ messages, yielded, writes, haltRequested: choose(30) === 0 });
}

class World {
  readonly run: ScriptedRun;
  readonly #seed: number;

  constructor(plan: Plan, seed: number) {
    this.#seed = seed;
    this.run = new ScriptedRun(plan, [[1], [2], [3]]);
  }

  /** One superstep, or an answer, or time that passes. @returns false when the run waits for nothing, though it has not ended */
  step(shuffle: boolean): boolean {
    const { run } = this;
    if (run.state.status !== "running") return true;
    const choose = chooser(this.#seed, `${run.state.superstep} ${run.state.nextEventNumber}`);
    if (choose(40) === 0) run.cancel("as it was drawn");
    if (run.state.queue.length === 0) {
      const open = run.state.requests[choose(run.state.requests.length)];
      const wakeMs = nextWake(run.state);
      if (run.state.status !== "running") return true;
      if (open && (wakeMs === null || choose(2) === 0)) run.respond(open.requestId, [[7]]);
      else if (wakeMs !== null) run.wake(Math.max(run.nowMs, wakeMs));
      else return false;
      return true;
    }
    const outcomes = run.take().map((delivery) => outcomeOf(delivery, answer(delivery, this.#seed)));
    if (outcomes.length > 0) run.apply(shuffle ? outcomes.reverse() : outcomes);
    return true;
  }
}

function charsIn(state: RunState): number {
  const calls = [...state.queue, ...(state.held ?? []), ...state.inFlight, ...state.delayed.map(({ item }) => item)];
  const barriers = [state.barriers, ...Object.values(state.frames).map((frame) => frame.barriers)];
  const texts = [
    ...calls.flatMap((call) => (call.kind === "items" ? [] : [call.lastErrorJson ?? "", textOf(call)])),
    ...barriers.flatMap((one) => Object.values(one).flatMap((barrier) => Object.values(barrier).flat())),
    ...state.requests.map(({ requestJson }) => requestJson),
    ...Object.values(state.values),
    ...[state, ...Object.values(state.frames)].flatMap(({ kept = {} }) => Object.values(kept).flatMap(Object.values)),
    ...state.outputs.map(({ outputJson }) => outputJson),
    ...Object.values(state.frames).flatMap(({ values, caller, outputJson = "" }) => [
      ...Object.values(values),
      caller.inputJson ?? "",
      outputJson,
    ]),
    ...(state.compensable ?? []).flatMap(({ inputJson, outputJson = "" }) => [inputJson, outputJson]),
    ...Object.values(state.maps).flatMap(({ waiting, results }) => [
      ...waiting.flat(),
      ...results.flat().map(([, resultJson]) => resultJson),
    ]),
  ];
  return texts.reduce((chars, text) => chars + text.length, 0);
}

function textOf(call: Exclude<RunState["queue"][number], { kind: "items" }>): string {
  if (call.kind === "message") return call.valueJson;
  return call.kind === "response" ? call.responseJson : call.inputJson + (call.outputJson ?? "");
}

const STEPS = 60;
const seed = fc.nat();
const RUNS = { numRuns: 300 };

describe("whatever the graphs, the maps and what the calls produce", () => {
  it("a run ends, or waits for something; then no frame and no map is left, and every call has ended", () => {
    fc.assert(
      fc.property(plan, seed, (plan, seed) => {
        const world = new World(plan, seed);
        for (let step = 0; step < STEPS; step++) expect(world.step(false)).toBe(true);
        const { state } = world.run;
        if (state.status !== "completed" || world.run.eventsOf("runCompleted")[0]?.haltedBy !== undefined) return;
        expect([state.frames, state.maps]).toEqual([{}, {}]);
        for (const { started, completed, failed } of Object.values(state.counts))
          expect(started).toBe(completed + failed);
      }),
      RUNS,
    );
  });

  it("whatever is queued, put off or asked is in a frame that is open, and counts for a map that is", () => {
    fc.assert(
      fc.property(plan, seed, (plan, seed) => {
        const world = new World(plan, seed);
        for (let step = 0; step < STEPS; step++) {
          world.step(false);
          const { state } = world.run;
          // What is undone was called in frames that are closed by then.
          if (state.status !== "running" || state.ending) break;
          const open = [
            ...state.queue,
            ...(state.held ?? []),
            ...state.delayed.map(({ item }) => item),
            ...state.requests,
          ];
          const frames = [
            ...open.map(({ frame }) => frame),
            ...Object.values(state.frames).map(({ caller }) => caller.frame),
          ];
          for (const frame of frames) if (frame !== undefined) expect(Object.keys(state.frames)).toContain(frame);
          const items = [...open, ...Object.values(state.frames).map(({ caller }) => caller)].flatMap((one) =>
            "item" in one && one.item ? [one.item.map] : [],
          );
          for (const [id, { running }] of Object.entries(state.maps)) {
            expect(items.filter((map) => map === id)).toHaveLength(running);
          }
          for (const id of items) expect(Object.keys(state.maps)).toContain(id);
        }
      }),
      RUNS,
    );
  });

  it("the counted characters are those that the state holds", () => {
    fc.assert(
      fc.property(plan, seed, (plan, seed) => {
        const world = new World(plan, seed);
        for (let step = 0; step < STEPS; step++) {
          world.step(false);
          if (world.run.state.status !== "running") break;
          expect(world.run.state.chars).toBe(charsIn(world.run.state));
        }
      }),
      RUNS,
    );
  });

  it("of a node that keeps something, one call goes on at a time, and none is forgotten", () => {
    fc.assert(
      fc.property(plan, seed, (plan, seed) => {
        const keeping = [plan, ...(plan.workflows ?? [])].filter(({ state }) => state.some(({ isKept }) => isKept));
        const world = new World(plan, seed);
        for (let step = 0; step < STEPS; step++) {
          world.step(false);
          const { frames, held = [], status } = world.run.state;
          if (status !== "running") break;
          const nodes = Object.entries(frames)
            .filter(([path]) => keeping.some(({ workflow }) => workflow === LEVELS[nodesOn(path).length]))
            .map(([, { caller }]) => `${caller.frame} ${caller.executorId}`);
          expect(new Set(nodes).size).toBe(nodes.length);
          for (const { frame, to } of held) expect(nodes).toContain(`${frame} ${to}`);
        }
      }),
      RUNS,
    );
  });

  it("the order in which outcomes come in changes nothing", () => {
    fc.assert(
      fc.property(plan, seed, (plan, seed) => {
        const [straight, reversed] = [new World(plan, seed), new World(plan, seed)];
        for (let step = 0; step < STEPS; step++) {
          straight.step(false);
          reversed.step(true);
        }
        expect(reversed.run.state).toEqual(straight.run.state);
        expect(reversed.run.events).toEqual(straight.run.events);
      }),
      RUNS,
    );
  });

  it("a state is plain JSON, goes on from its copy, and no transition changes the one it started from", () => {
    fc.assert(
      fc.property(plan, seed, (plan, seed) => {
        const [world, copied] = [new World(plan, seed), new World(plan, seed)];
        const states: { state: RunState; text: string }[] = [];
        for (let step = 0; step < STEPS; step++) {
          states.push({ state: world.run.state, text: JSON.stringify(world.run.state) });
          world.step(false);
          copied.run.state = JSON.parse(JSON.stringify(copied.run.state));
          copied.step(false);
        }
        for (const { state, text } of states) expect(JSON.stringify(state)).toBe(text);
        expect(copied.run.events).toEqual(world.run.events);
        expect(copied.run.state).toEqual(JSON.parse(JSON.stringify(world.run.state)));
      }),
      RUNS,
    );
  });
});
