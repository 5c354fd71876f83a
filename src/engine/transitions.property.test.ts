import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  completed,
  conditional,
  direct,
  failed,
  fanIn,
  fanOut,
  outcomeOf,
  planOf,
  ScriptedRun,
  sent,
  switchOf,
} from "../../test/support/scripted-run.ts";
import type { Delivery } from "../wire/delivery.ts";
import type { OutcomeResult, Route, SentMessage } from "../wire/outcome.ts";
import type { Plan, PlanEdge } from "../wire/plan.ts";
import type { RunState } from "../wire/run-state.ts";

const IDS = ["A", "B", "C", "D", "E"];
const PORTS = ["D"];

const id = fc.constantFrom(...IDS);
const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 3 });
const edge: fc.Arbitrary<PlanEdge> = fc.oneof(
  fc.tuple(id, id).map(([from, to]) => direct(from, to)),
  fc.tuple(id, id).map(([from, to]) => conditional(from, to)),
  fc.tuple(id, ids, fc.boolean()).map(([from, to, isSelective]) => fanOut(from, to, isSelective)),
  fc.tuple(id, ids, fc.option(id)).map(([from, cases, otherwise]) => switchOf(from, cases, otherwise)),
  fc.tuple(ids, id, fc.boolean()).map(([from, to, allowMissing]) => fanIn(from, to, allowMissing)),
);
const plan: fc.Arbitrary<Plan> = fc
  .record({
    edges: fc.uniqueArray(edge, { selector: (one) => one.id, maxLength: 8 }),
    maxCallsPerSuperstep: fc.integer({ min: 1, max: 4 }),
    outputs: fc.subarray(IDS),
  })
  .map(({ edges, maxCallsPerSuperstep, outputs }) =>
    planOf({
      executors: IDS,
      ports: PORTS,
      edges,
      outputs,
      state: { x: "0" },
      limits: { maxCallsPerSuperstep, maxStateChars: 100_000, maxSupersteps: 50 },
    }),
  );

/** A source of choices, the same for the same seed. */
function chooser(seed: number): (count: number) => number {
  let state = seed >>> 0;
  return (count) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * count);
  };
}
type Choose = ReturnType<typeof chooser>;

function routeOf(edge: PlanEdge, choose: Choose): Route {
  if (edge.kind === "switch") return choose(edge.cases.length + 1) - 1;
  if (edge.kind === "fanOut") return edge.to.filter(() => choose(2) === 0);
  return choose(2) === 0;
}

/** Each message has a number of its own as value, so that it can be followed through queues and lists. */
class World {
  readonly run: ScriptedRun;
  readonly copies = new Map<number, number>();
  readonly delivered: string[] = [];
  readonly #choose: Choose;
  #messages = 0;

  constructor(plan: Plan, seed: number) {
    this.#choose = chooser(seed);
    this.run = new ScriptedRun(plan, 0);
    this.copies.set(0, 1);
  }

  /** One superstep, an answer or a due time, in an order that the seed decides. */
  step(shuffle: boolean): void {
    const { run } = this;
    const open = run.state.requests[this.#choose(run.state.requests.length)];
    if (open && this.#choose(2) === 0) run.respond(open.requestId, -1);
    if (this.#choose(8) === 0) run.wake(run.nowMs + 3_600_000);
    const deliveries = run.take();
    this.delivered.push(...deliveries.flatMap(({ call }) => (call.kind === "message" ? [call.valueJson] : [])));
    const outcomes = deliveries.map((delivery) => outcomeOf(delivery, this.#answer(delivery)));
    if (deliveries.length > 0) run.apply(shuffle ? outcomes.reverse() : outcomes);
  }

  #answer(delivery: Delivery): OutcomeResult {
    const choose = this.#choose;
    if (choose(30) === 0) {
      if (delivery.call.kind === "message")
        this.delivered.splice(this.delivered.lastIndexOf(delivery.call.valueJson), 1);
      return failed("gone", "EXECUTOR_NOT_DEPLOYED");
    }
    if (PORTS.includes(delivery.executorId) && delivery.call.kind === "message") {
      return { status: "requestOpened", requestJson: '"?"' };
    }
    if (delivery.call.kind === "response" && choose(3) === 0) {
      return { status: "responseRejected", error: { ...errorData } };
    }
    const messages = Array.from({ length: choose(3) }, () => this.#message(delivery));
    return completed({
      messages,
      yielded: choose(4) === 0 ? ['"out"'] : [],
      writes: choose(9) === 0 ? { x: "1" } : {},
    });
  }

  #message({ edges }: Delivery): SentMessage {
    this.#messages += 1;
    const routes = Object.fromEntries(edges.map((edge) => [edge.id, routeOf(edge, this.#choose)]));
    this.copies.set(this.#messages, copiesOf(edges, routes));
    return sent(this.#messages, { routes });
  }
}

const errorData = { name: "E", code: "PORT_RESPONSE_INVALID", message: "no", retryable: false, causes: [], issues: [] };

/** How many times a message has to turn up: once for each target, or once among the dropped. */
function copiesOf(edges: readonly PlanEdge[], routes: Readonly<Record<string, Route>>): number {
  const targets = edges.map((edge) => {
    const route = routes[edge.id];
    if (edge.kind === "direct") return edge.isConditional && route === false ? 0 : 1;
    if (edge.kind === "fanOut") return edge.isSelective ? (route as string[]).length : edge.to.length;
    if (edge.kind === "switch") return route === -1 && edge.default === null ? 0 : 1;
    return 1;
  });
  return targets.reduce((sum, count) => sum + count, 0) || 1;
}

function textsIn({ queue, inFlight, delayed, barriers }: RunState): string[] {
  const items = [...queue, ...inFlight, ...delayed.map(({ item }) => item)];
  return [
    ...items.flatMap((item) => (item.kind === "message" ? [item.valueJson] : [])),
    ...Object.values(barriers).flatMap((barrier) => Object.values(barrier).flat()),
  ];
}

function charsIn(state: RunState): number {
  const responses = [...state.queue, ...state.inFlight, ...state.delayed.map(({ item }) => item)].flatMap((item) =>
    item.kind === "response" ? [item.responseJson] : [],
  );
  const texts = [
    ...textsIn(state),
    ...responses,
    ...state.requests.map(({ requestJson }) => requestJson),
    ...Object.values(state.values),
    ...state.outputs.map(({ outputJson }) => outputJson),
  ];
  return texts.reduce((chars, text) => chars + text.length, 0);
}

const steps = fc.integer({ min: 1, max: 12 });
const seed = fc.nat();

function play(plan: Plan, seed: number, steps: number, shuffle = false): World {
  const world = new World(plan, seed);
  for (let step = 0; step < steps; step++) world.step(shuffle);
  return world;
}

describe("whatever the graph and whatever the calls produce", () => {
  it("no message is lost: each copy is delivered, dropped, joined or still there", () => {
    fc.assert(
      fc.property(plan, seed, steps, (plan, seed, steps) => {
        const { run, copies, delivered } = play(plan, seed, steps);
        const dropped = run.eventsOf("messageDropped").map(({ message }) => message);
        const found = new Map<number, number>();
        for (const text of [...delivered, ...textsIn(run.state), ...dropped]) {
          for (const value of [JSON.parse(text)].flat())
            if (value !== null) found.set(value, (found.get(value) ?? 0) + 1);
        }
        expect(found).toEqual(copies);
      }),
    );
  });

  it("the order in which outcomes come in changes nothing", () => {
    fc.assert(
      fc.property(plan, seed, steps, (plan, seed, steps) => {
        const straight = play(plan, seed, steps).run;
        const reversed = play(plan, seed, steps, true).run;
        expect(reversed.state).toEqual(straight.state);
        expect(reversed.events).toEqual(straight.events);
      }),
    );
  });

  it("events are numbered 1, 2, 3 without a gap, and the end comes last", () => {
    fc.assert(
      fc.property(plan, seed, steps, (plan, seed, steps) => {
        const { events, state } = play(plan, seed, steps).run;
        expect(events.map(({ number }) => number)).toEqual(events.map((_event, place) => place + 1));
        expect(state.nextEventNumber).toBe(events.length + 1);
        const ends = events.filter(({ type }) => ["runCompleted", "runFailed", "runCancelled"].includes(type));
        expect(ends).toEqual(state.status === "running" ? [] : [events.at(-1)]);
      }),
    );
  });

  it("the counted characters are those that the state holds", () => {
    fc.assert(
      fc.property(plan, seed, steps, (plan, seed, steps) => {
        const { state } = play(plan, seed, steps).run;
        expect(state.chars).toBe(charsIn(state));
      }),
    );
  });

  it("a state is plain JSON, and no transition changes the state it started from", () => {
    fc.assert(
      fc.property(plan, seed, steps, (plan, seed, steps) => {
        const world = new World(plan, seed);
        const states: { state: RunState; text: string }[] = [];
        for (let step = 0; step < steps; step++) {
          states.push({ state: world.run.state, text: JSON.stringify(world.run.state) });
          world.step(false);
        }
        for (const { state, text } of states) {
          expect(JSON.stringify(state)).toBe(text);
          expect(JSON.parse(text)).toEqual(state);
        }
      }),
    );
  });
});

it("a run in a loop does not grow its state", () => {
  const loop = planOf({ executors: ["A"], edges: [direct("A", "A")], limits: { maxSupersteps: 100_000 } });
  const run = new ScriptedRun(loop);
  const sizes = new Set<number>();
  for (let step = 0; step < 2_000; step++) {
    run.step({ A: completed({ messages: [sent(1)] }) });
    sizes.add(JSON.stringify({ ...run.state, superstep: 0, counts: {}, nextEventNumber: 0 }).length);
  }
  expect(sizes.size).toBeLessThanOrEqual(4);
});
