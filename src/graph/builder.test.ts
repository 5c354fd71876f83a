import { describe, expect, it } from "vitest";
import { z } from "zod";
import { plan as planSchema } from "../wire/plan.ts";
import { WorkflowBuilder } from "./builder.ts";
import { defineExecutor, withId } from "./executor.ts";
import { defineRequestPort } from "./request-port.ts";
import { defineState } from "./state.ts";

const text = (id: string) =>
  defineExecutor({ id, input: z.string(), output: z.string(), handle: (message) => message });
const a = text("A");
const b = text("B");
const c = text("C");
const d = text("D");
const join = defineExecutor({
  id: "Join",
  input: z.array(z.string().nullable()),
  output: z.string(),
  handle: (parts) => parts.join(" "),
});

describe("the plan of a workflow", () => {
  it("lists executors and ports in the order of first mention", () => {
    const ask = defineRequestPort({ id: "Ask", request: z.string(), response: z.string() });
    const { plan } = new WorkflowBuilder("Order", a).addEdge(b, c).addEdge(a, ask).addEdge(ask, b).build();
    expect(plan.executors.map(({ id, kind }) => [id, kind])).toEqual([
      ["A", "executor"],
      ["B", "executor"],
      ["C", "executor"],
      ["Ask", "port"],
    ]);
    expect(plan.start).toBe("A");
  });

  it("holds every kind of edge as data", () => {
    const { plan } = new WorkflowBuilder("Edges", a)
      .addEdge(a, b, { when: (message) => message !== "", label: "something" })
      .addSwitch(b, (on) => on.case(() => true, b, { label: "again" }).default(c))
      .addFanOut(c, [a, d], { select: () => [a], label: "some" })
      .addFanIn([a, d], join, { allowMissing: true, label: "all" })
      .addEdge(join, a)
      .build();
    expect(plan.edges).toEqual([
      { kind: "direct", id: "A->B?", from: "A", to: "B", isConditional: true, label: "something" },
      { kind: "switch", id: "B?[B|default:C]", from: "B", cases: [{ to: "B", label: "again" }], default: "C" },
      { kind: "fanOut", id: "C=>[A,D]?", from: "C", to: ["A", "D"], isSelective: true, label: "some" },
      { kind: "fanIn", id: "[A,D]=>Join", from: ["A", "D"], to: "Join", allowMissing: true, label: "all" },
      { kind: "direct", id: "Join->A", from: "Join", to: "A", isConditional: false },
    ]);
    expect(planSchema.parse(plan)).toEqual(plan);
  });

  it("keeps the code of an edge under the edge's id", async () => {
    const { edgeCode } = new WorkflowBuilder("Code", a)
      .addEdge(a, b, { when: (message) => message === "x" })
      .addSwitch(b, (on) => on.case((message) => message === "y", c).dropRest())
      .addFanOut(c, [a, d], { select: () => [d] })
      .build();
    const direct = edgeCode.get("A->B?");
    const cases = edgeCode.get("B?[C|drop]");
    const fanOut = edgeCode.get("C=>[A,D]?");
    expect([...edgeCode.keys()]).toEqual(["A->B?", "B?[C|drop]", "C=>[A,D]?"]);
    expect(direct?.kind === "direct" && [direct.when("x"), direct.when("z")]).toEqual([true, false]);
    expect(cases?.kind === "switch" && cases.cases.map((when) => when("y"))).toEqual([true]);
    expect(fanOut?.kind === "fanOut" && fanOut.select("")).toEqual([d]);
  });

  it("numbers a second edge of the same form, and a change elsewhere leaves the ids alone", () => {
    const build = (withMore: boolean) => {
      const builder = new WorkflowBuilder("Ids", a);
      if (withMore) builder.addEdge(a, d);
      builder.addEdge(a, b, { when: () => true }).addEdge(a, b, { when: () => false });
      return builder.build().plan.edges.map(({ id }) => id);
    };
    expect(build(false)).toEqual(["A->B?", "A->B?#2"]);
    expect(build(true)).toEqual(["A->D", "A->B?", "A->B?#2"]);
  });

  it("names the declared state keys with their initial values", () => {
    const count = defineState({ name: "count", schema: z.number(), initial: 0 });
    const seen = defineState({ name: "seen", schema: z.array(z.string()).default(["a"]), initial: undefined });
    const counter = defineExecutor({
      id: "Counter",
      input: z.string(),
      state: { reads: [seen], writes: [count] },
      handle: () => {},
    });
    const { plan } = new WorkflowBuilder("State", counter).build();
    expect(plan.state.map(({ name, initialJson }) => [name, initialJson])).toEqual([
      ["seen", '["a"]'],
      ["count", "0"],
    ]);
    expect(plan.executors[0]).toMatchObject({ reads: ["seen"], writes: ["count"] });
  });

  it("takes outputs from the named executors, else from those with no outgoing edge", () => {
    const ask = defineRequestPort({ id: "Ask", request: z.string(), response: z.string() });
    const graph = () => new WorkflowBuilder("Outputs", a).addEdge(a, b).addEdge(a, ask).addEdge(b, c);
    expect(graph().build().plan.outputs).toEqual(["Ask", "C"]);
    expect(graph().withOutputFrom(b, c, b).build().plan.outputs).toEqual(["B", "C"]);
  });

  it("uses the same executor twice under two ids", () => {
    const again = withId("Again", a);
    const workflow = new WorkflowBuilder("Twice", a).addEdge(a, again).build();
    expect(workflow.plan.edges[0]?.id).toBe("A->Again");
    expect(workflow.nodes.get("Again")).toBe(again);
  });

  it("has limits, each of which can be set", () => {
    const builder = new WorkflowBuilder("Limits", a);
    expect(builder.build().plan.limits).toEqual({
      maxSupersteps: 10_000,
      maxCallsPerSuperstep: 100,
      maxStateChars: 524_288,
    });
    expect(builder.withLimits({ maxSupersteps: 5 }).withLimits({ maxStateChars: 9 }).build().plan.limits).toEqual({
      maxSupersteps: 5,
      maxCallsPerSuperstep: 100,
      maxStateChars: 9,
    });
    expect(() => builder.withLimits({ maxSupersteps: 0 })).toThrow(
      'The limits of workflow "Limits" are {"maxSupersteps":0}. Each limit has to be a whole number of 1 or more.',
    );
  });

  it("does not change any more, whatever happens to the builder", () => {
    const builder = new WorkflowBuilder("Frozen", a).addEdge(a, b);
    const workflow = builder.build();
    builder.addEdge(b, c);
    expect(workflow.plan.edges.length).toBe(1);
    expect(() => Object.assign(workflow.plan.edges[0] ?? {}, { to: "C" })).toThrow(TypeError);
  });
});

describe("the version of a workflow", () => {
  const version = (build: (builder: WorkflowBuilder<string, "V">) => { build(): { plan: { fingerprint: string } } }) =>
    build(new WorkflowBuilder("V", a)).build().plan.fingerprint;
  const plain = version((builder) => builder.addEdge(a, b));

  it("is 16 hex digits that stay the same from build to build", () => {
    expect(plain).toBe("c4b4a08765b8171e");
    expect(version((builder) => builder.addEdge(a, b))).toBe(plain);
  });

  it("does not change with a description or a label", () => {
    const when = () => true;
    expect(version((builder) => builder.describe("Says it").addEdge(a, b))).toBe(plain);
    expect(version((builder) => builder.addEdge(a, b, { when, label: "one" }))).toBe(
      version((builder) => builder.addEdge(a, b, { when, label: "two" })),
    );
    expect(version((builder) => builder.addSwitch(a, (on) => on.case(when, b, { label: "one" }).dropRest()))).toBe(
      version((builder) => builder.addSwitch(a, (on) => on.case(when, b).dropRest())),
    );
  });

  it("changes with an edge, an output, a limit and a schema", () => {
    const narrow = defineExecutor({ id: "B", input: z.string().max(5), output: z.string(), handle: (it) => it });
    const others = [
      version((builder) => builder.addEdge(a, b, { when: () => true })),
      version((builder) => builder.addEdge(a, b).withOutputFrom(a)),
      version((builder) => builder.addEdge(a, b).withLimits({ maxSupersteps: 5 })),
      version((builder) => builder.addEdge(a, withId("B", narrow) as unknown as typeof b)),
    ];
    expect(new Set([plain, ...others]).size).toBe(5);
  });
});
