import { describe, expect, it } from "vitest";
import { z } from "zod";
import { WorkflowBuilder } from "./builder.ts";
import { defineCatalog } from "./catalog.ts";
import { outputSchemas } from "./contract.ts";
import { toDot } from "./dot.ts";
import { defineExecutor, withId } from "./executor.ts";
import { toMermaid } from "./mermaid.ts";
import { recordPlan } from "./record.ts";
import { defineRequestPort } from "./request-port.ts";

const text = <const Id extends string>(id: Id) =>
  defineExecutor({ id, input: z.string(), output: z.string(), handle: (message) => message });
const [start, end, other] = [text("Start"), text("End"), text("Other")];
const ask = defineRequestPort({ id: "Ask", request: z.string(), response: z.string() });
const list = defineExecutor({ id: "List", input: z.string(), output: z.array(z.string()), handle: () => [] });
const join = defineExecutor({
  id: "Join",
  input: z.union([z.string(), z.array(z.string())]),
  output: z.string(),
  handle: () => "",
});

const inner = new WorkflowBuilder("Inner", ask)
  .addEdge(ask, end)
  .addEdge(ask, other)
  .withOutputFrom(end, other)
  .build();
const refusal = (build: () => unknown) => {
  try {
    build();
  } catch (error) {
    if (error instanceof Error && "code" in error) return [error.code, error.message];
    throw error;
  }
  return undefined;
};

/** A workflow of this name with so many levels below it. */
function nested(name: string, levels: number) {
  let workflow = new WorkflowBuilder(`${name}0`, start).withOutputFrom(start).build();
  for (let level = 1; level <= levels; level++) {
    workflow = new WorkflowBuilder(`${name}${level}`, workflow).withOutputFrom(workflow).build() as never;
  }
  return workflow;
}

describe("a plan", () => {
  const twice = new WorkflowBuilder("Twice", start)
    .addEdge(start, inner)
    .addEdge(inner, withId("Again", inner))
    .withOutputFrom(inner)
    .build();

  it("holds each sub-workflow once by its name, however often it is used", () => {
    expect(twice.plan.executors.map(({ id, kind, workflow }) => [id, kind, workflow])).toEqual([
      ["Start", "executor", undefined],
      ["Inner", "workflow", "Inner"],
      ["Again", "workflow", "Inner"],
    ]);
    const { format: _format, limits: _limits, ...graph } = inner.plan;
    expect(twice.plan.workflows).toEqual([graph]);
    const deeper = new WorkflowBuilder("Deeper", twice).addEdge(twice, inner).build();
    expect(deeper.plan.workflows?.map(({ workflow }) => workflow)).toEqual(["Twice", "Inner"]);
  });

  it("has another version when a sub-workflow has, and keeps it when nothing but words changed", () => {
    const around = (workflow: typeof inner) => new WorkflowBuilder("Around", start).addEdge(start, workflow).build();
    const reworded = new WorkflowBuilder("Inner", ask)
      .describe("Asks")
      .addEdge(ask, end)
      .addEdge(ask, other)
      .withOutputFrom(end, other)
      .build();
    const changed = new WorkflowBuilder("Inner", ask)
      .addEdge(ask, other)
      .addEdge(ask, end)
      .withOutputFrom(end, other)
      .build();
    expect(around(reworded).plan.fingerprint).toBe(around(inner).plan.fingerprint);
    expect(around(changed).plan.fingerprint).not.toBe(around(inner).plan.fingerprint);
  });

  it("has the limits of nesting and of maps where there is something they limit", () => {
    const mapped = new WorkflowBuilder("M", list).addMap(list, end, join).withLimits({ maxMapItems: 5 }).build();
    expect(inner.plan.limits).not.toHaveProperty("maxDepth");
    expect(twice.plan.limits).toMatchObject({ maxDepth: 8 });
    expect(twice.plan.limits).not.toHaveProperty("maxMapItems");
    expect(mapped.plan.limits).toMatchObject({ maxMapItems: 5 });
  });

  it("is recorded with the schemas of its sub-workflows", () => {
    const { schemas, workflows } = recordPlan(twice);
    expect(Object.keys(schemas)).toEqual(["Start"]);
    expect(Object.keys(workflows?.Inner?.schemas ?? {})).toEqual(["Ask", "End", "Other"]);
  });

  it("names what a sub-workflow outputs by its node", () => {
    const workflow = new WorkflowBuilder("W", inner).build();
    expect(outputSchemas(workflow)).toMatchObject([
      { executorId: "Inner", place: "returned", schema: { type: "string" } },
      { executorId: "Inner", place: "returned", schema: { type: "string" } },
    ]);
  });
});

describe("build() refuses", () => {
  it("a workflow that holds another graph of its own name, or two graphs of one name", () => {
    const self = new WorkflowBuilder("INNER", start).addEdge(start, inner);
    expect(refusal(() => self.build())).toEqual([
      "DURABLE_NAME_COLLISION",
      'Workflow "INNER" has two different workflows of the names "INNER" and "Inner" in it. Rename one: a name, compared without case, is one graph, and none can be part of itself.',
    ]);
    const namesake = new WorkflowBuilder("Inner", start).withOutputFrom(start).build();
    const two = new WorkflowBuilder("Two", start).addEdge(start, inner).addEdge(start, withId("Namesake", namesake));
    expect(refusal(() => two.build())?.[0]).toBe("DURABLE_NAME_COLLISION");
  });

  it("sub-workflows that are nested too deep", () => {
    expect(nested("L", 8).plan.workflows).toHaveLength(8);
    expect(refusal(() => nested("L", 9))).toEqual([
      "NESTING_TOO_DEEP",
      'The sub-workflows of "L9" are nested 9 levels deep; the limit is 8. Put less into one another, or raise maxDepth.',
    ]);
    const shallow = new WorkflowBuilder("S", nested("L", 1)).withLimits({ maxDepth: 1 });
    expect(refusal(() => shallow.build())?.[0]).toBe("NESTING_TOO_DEEP");
  });

  it("a map with a concurrency or a policy that cannot be", () => {
    const map = (options: object) => () => new WorkflowBuilder("M", list).addMap(list, end, join, options).build();
    expect(refusal(map({ concurrency: 0 }))).toEqual([
      "EDGE_INVALID",
      'In workflow "M", the map of "List" over "End" has the concurrency 0. Correct its list or leave it out.',
    ]);
    expect(refusal(map({ policy: { atLeast: 1.5 } }))?.[0]).toBe("EDGE_INVALID");
    expect(refusal(map({ policy: "most" }))?.[0]).toBe("EDGE_INVALID");
    expect(refusal(map({ policy: { atLeast: 0 }, concurrency: 1 }))).toBeUndefined();
  });

  it("the same map twice", () => {
    const twice = new WorkflowBuilder("M", list).addMap(list, end, join).addMap(list, end, join, { concurrency: 2 });
    expect(refusal(() => twice.build())?.[0]).toBe("EDGE_DUPLICATE");
  });
});

describe("a catalog", () => {
  const holder = new WorkflowBuilder("Holder", start).addEdge(start, inner).build();

  it("may serve a workflow and others that hold it", () => {
    const second = new WorkflowBuilder("Second", inner).build();
    expect(defineCatalog([holder, inner, second]).get("Inner")).toBe(inner);
    expect(defineCatalog([inner, holder]).get("Holder")).toBe(holder);
  });

  it("refuses two graphs of one name, wherever they are", () => {
    const namesake = new WorkflowBuilder("Inner", start).build();
    expect(() => defineCatalog([holder, namesake])).toThrow(
      'Workflow "Inner" is in the catalog twice, with two different graphs. Rename one of them.',
    );
  });
});

describe("a drawing", () => {
  const drawn = new WorkflowBuilder("Drawn", start)
    .addEdge(start, list)
    .addMap(list, inner, join, { concurrency: 3, policy: "all" })
    .addEdge(join, join, { when: () => false })
    .addEdge(join, start, { when: () => false })
    .withOutputFrom(join)
    .build();

  it("in Mermaid shows a sub-workflow as a box, and maps as thick edges from its start to its outputs", () => {
    expect(toMermaid(drawn)).toBe(`flowchart TD
  n0(["Start"])
  n1["List"]
  subgraph n2["Inner"]
    n2_n0{{"Ask"}}
    n2_n1[["End"]]
    n2_n2[["Other"]]
    n2_n0 --> n2_n1
    n2_n0 --> n2_n2
  end
  n3[["Join"]]
  n0 --> n1
  n1 ==>|"each, 3 at a time"| n2_n0
  n2_n1 ==>|"all"| n3
  n2_n2 ==>|"all"| n3
  n3 -.-> n3
  n3 -.-> n0
`);
  });

  it("in DOT shows a sub-workflow as a cluster", () => {
    expect(toDot(drawn.plan)).toBe(`digraph "Drawn" {
  n0 [label="Start", shape=box, style="rounded"];
  n1 [label="List", shape=box];
  subgraph cluster_n2 {
    label="Inner";
    n2_n0 [label="Ask", shape=hexagon];
    n2_n1 [label="End", shape=box, peripheries=2];
    n2_n2 [label="Other", shape=box, peripheries=2];
    n2_n0 -> n2_n1;
    n2_n0 -> n2_n2;
  }
  n3 [label="Join", shape=box, peripheries=2];
  n0 -> n1;
  n1 -> n2_n0 [style=bold, label="each, 3 at a time"];
  n2_n1 -> n3 [style=bold, label="all"];
  n2_n2 -> n3 [style=bold, label="all"];
  n3 -> n3 [style=dashed];
  n3 -> n0 [style=dashed];
}
`);
  });
});
