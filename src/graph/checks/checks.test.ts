import { describe, expect, it } from "vitest";
import { z } from "zod";
import { isWorkflowError } from "../../errors.ts";
import { WorkflowBuilder } from "../builder.ts";
import { defineExecutor, withId } from "../executor.ts";
import { defineRequestPort } from "../request-port.ts";
import { defineState } from "../state.ts";

const text = (id: string) =>
  defineExecutor({ id, input: z.string(), output: z.string(), handle: (message) => message });
const a = text("A");
const b = text("B");
const c = text("C");
const join = defineExecutor({
  id: "Join",
  input: z.array(z.string()),
  output: z.string(),
  handle: (parts) => parts.join(" "),
});
const from = (name = "W") => new WorkflowBuilder(name, a);

/** The code and the text of what `build` says. */
function refusal(build: () => unknown): readonly [string, string] {
  try {
    build();
  } catch (error) {
    if (isWorkflowError(error)) return [error.code, error.message];
    throw error;
  }
  throw new Error("Nothing was refused.");
}

describe("build() refuses", () => {
  it.each(["", "1st", "with-hyphen", "über", "x".repeat(49)])("the workflow name %j", (name) => {
    expect(refusal(() => from(name).build())).toEqual([
      "WORKFLOW_NAME_INVALID",
      `The name of a workflow is ${JSON.stringify(name)}. Use a letter, then up to 47 letters, digits or underscores; a hyphen separates the parts of durable names.`,
    ]);
  });

  it("names that are reserved, whatever their case", () => {
    expect(refusal(() => from("Agent").build())).toEqual([
      "WORKFLOW_NAME_INVALID",
      'The name of a workflow is "Agent", which is reserved. Choose another name.',
    ]);
    expect(refusal(() => from().addEdge(a, text("agent")).build())).toEqual([
      "EXECUTOR_ID_INVALID",
      'The id of an executor in workflow "W" is "agent", which is reserved. Choose another name.',
    ]);
    expect(refusal(() => from().addEdge(a, text("constructor")).build())[0]).toBe("EXECUTOR_ID_INVALID");
    // Only a workflow of that name would have durable names of something else.
    expect(refusal(() => from("Events").build())[0]).toBe("WORKFLOW_NAME_INVALID");
    expect(() => from().addEdge(a, text("events")).build()).not.toThrow();
  });

  it("an id of a port that is no name", () => {
    const ask = defineRequestPort({ id: "Ask me", request: z.string(), response: z.string() });
    expect(refusal(() => from().addEdge(a, ask).build())).toEqual([
      "EXECUTOR_ID_INVALID",
      'The id of a port in workflow "W" is "Ask me". Use a letter, then up to 47 letters, digits or underscores; a hyphen separates the parts of durable names.',
    ]);
  });

  it("two executors whose ids are the same without case", () => {
    expect(refusal(() => from().addEdge(a, b).addEdge(b, text("a")).build())).toEqual([
      "EXECUTOR_ID_DUPLICATE",
      'Two executors of workflow "W" have the ids "A" and "a", which are the same without case. Rename one; to use one executor twice, give its second place an id of its own: withId("Other", executor).',
    ]);
  });

  it("what is no executor", () => {
    expect(
      refusal(() =>
        from()
          .addEdge(a, undefined as never)
          .build(),
      ),
    ).toEqual([
      "EXECUTOR_UNKNOWN",
      'In workflow "W", the target of an edge is of type undefined, which is no executor, no request port and no workflow. Define it with defineExecutor or defineRequestPort, or build it with WorkflowBuilder.',
    ]);
    expect(refusal(() => new WorkflowBuilder("W", null as never).build())[0]).toBe("EXECUTOR_UNKNOWN");
  });

  it("an executor that no path reaches", () => {
    expect(refusal(() => from().addEdge(b, c).addEdge(c, b).build())).toEqual([
      "EXECUTOR_UNREACHABLE",
      'In workflow "W", no path from "A" reaches "B". Add an edge that leads there, or leave out the edges that start there.',
    ]);
  });

  it("a fan-in that waits for a source no path reaches", () => {
    expect(refusal(() => from().addEdge(a, b).addFanIn([b, c], join).build())).toEqual([
      "FAN_IN_UNREACHABLE",
      'In workflow "W", the fan-in into "Join" waits for "C", which no path from "A" reaches. Add an edge that leads to "C", or leave it out of the fan-in.',
    ]);
  });

  it("an edge that joins nothing, or one executor twice", () => {
    const open = from() as WorkflowBuilder<string, string>;
    expect(refusal(() => open.addFanOut(a, []).build())).toEqual([
      "EDGE_INVALID",
      'In workflow "W", the fan-out from "A" has no targets. Correct its list or leave it out.',
    ]);
    expect(refusal(() => from().addFanOut(a, [b, b]).build())[1]).toBe(
      'In workflow "W", the fan-out from "A" has "B" twice among its targets. Correct its list or leave it out.',
    );
    expect(refusal(() => from().addFanIn([a, a], join).build())[1]).toBe(
      'In workflow "W", the fan-in into "Join" has "A" twice among its sources. Correct its list or leave it out.',
    );
    expect(refusal(() => from().addFanIn([], join).build())[1]).toBe(
      'In workflow "W", the fan-in into "Join" has no sources. Correct its list or leave it out.',
    );
  });

  it("a switch without a case, or without a word about the rest", () => {
    expect(
      refusal(() =>
        from()
          .addSwitch(a, (on) => on.default(b))
          .build(),
      ),
    ).toEqual(["EDGE_INVALID", 'In workflow "W", the switch after "A" has no case. Correct its list or leave it out.']);
    expect(refusal(() => from().addSwitch(a, (on) => on.case(() => true, b) as never))).toEqual([
      "EDGE_INVALID",
      'The switch after "A" does not say where a message goes that no case takes. End it with .default(executor) or .dropRest().',
    ]);
  });

  it("a second edge that takes the same way", () => {
    const when = () => true;
    const duplicates = [
      () => from().addEdge(a, b).addEdge(a, b).build(),
      () => from().addEdge(a, b).addFanOut(a, [c, b]).build(),
      () => from().addEdge(a, b, { when }).addEdge(a, b, { when }).build(),
      () => from().addFanOut(a, [b, c]).addFanIn([b, c], join).addFanIn([b, c], join, { allowMissing: false }).build(),
    ];
    expect(duplicates.map(refusal)).toEqual(
      ["A->B", "A->B", "A->B?", "[B,C]=>Join"].map((edge) => [
        "EDGE_DUPLICATE",
        `Workflow "W" has the edge ${edge} twice, so a message would be delivered twice. Leave one out; a message that shall arrive twice needs a second executor, made with withId.`,
      ]),
    );
  });

  it("an output executor that is not in the graph", () => {
    expect(refusal(() => from().addEdge(a, b).withOutputFrom(c).build())).toEqual([
      "OUTPUT_EXECUTOR_INVALID",
      'The output executor "C" is not in the graph of workflow "W". Add an edge that leads there, or leave it out of withOutputFrom.',
    ]);
    expect(refusal(() => from().addEdge(a, b).withOutputFrom(withId("B", b)).build())[0]).toBe(
      "OUTPUT_EXECUTOR_INVALID",
    );
  });

  it("an output executor that gives nothing", () => {
    const quiet = defineExecutor({ id: "Quiet", input: z.string(), handle: () => {} });
    expect(refusal(() => from().addEdge(a, quiet).withOutputFrom(quiet).build())).toEqual([
      "OUTPUT_EXECUTOR_INVALID",
      'The output executor "Quiet" of workflow "W" declares neither "output" nor "yields". Declare what it returns or yields, or leave it out of withOutputFrom.',
    ]);
  });

  it("an executor that yields while withOutputFrom names others", () => {
    const yielding = defineExecutor({ id: "Yielding", input: z.string(), yields: z.number(), handle: () => {} });
    const graph = () => from().addEdge(a, b).addEdge(b, yielding);
    expect(refusal(() => graph().withOutputFrom(a, b).build())).toEqual([
      "OUTPUT_EXECUTOR_INVALID",
      '"Yielding" yields outputs, but is no output executor of workflow "W": "A", "B". Add it to withOutputFrom, or leave out its "yields".',
    ]);
    expect(graph().withOutputFrom(b, yielding).build().plan.outputs).toEqual(["B", "Yielding"]);
  });

  it("two definitions of one state key", () => {
    const executor = (id: string) =>
      defineExecutor({
        id,
        input: z.string(),
        output: z.string(),
        state: { reads: [defineState({ name: "count", schema: z.number(), initial: 0 })] },
        handle: (message) => message,
      });
    expect(refusal(() => from().addEdge(a, executor("X")).addEdge(a, executor("Y")).build())).toEqual([
      "STATE_KEY_DUPLICATE",
      'Workflow "W" uses two definitions of the state key "count". Define it once with defineState and use that object everywhere, or rename one.',
    ]);
  });

  it("a state key that no plain object can hold", () => {
    const proto = defineState({ name: "__proto__", schema: z.number(), initial: 0 });
    const executor = defineExecutor({ id: "X", input: z.string(), state: { reads: [proto] }, handle: () => {} });
    expect(refusal(() => from().addEdge(a, executor).build())[0]).toBe("PLAN_INVALID");
  });

  it("a form that cannot be drawn: the input of a run, a request or a response of a port", () => {
    const dated = defineExecutor({ id: "Dated", input: z.date(), output: z.string(), handle: () => "" });
    const ask = defineRequestPort({ id: "Ask", request: z.string(), response: z.transform(String) });
    expect(refusal(() => new WorkflowBuilder("W", dated).build())).toEqual([
      "SCHEMA_UNREPRESENTABLE",
      'The schema of the input of "Dated" cannot be drawn as JSON Schema: Date cannot be represented in JSON Schema. Take text or a number there, and transform it in the schema.',
    ]);
    expect(refusal(() => from().addEdge(a, ask).build())[0]).toBe("SCHEMA_UNREPRESENTABLE");
  });

  it("a plan above 128 KB, and warns above 32 KB", () => {
    const warnings: string[] = [];
    const labelled = (label: string) =>
      from()
        .addEdge(a, b, { when: () => true, label })
        .build({ warn: (warning) => warnings.push(warning) });
    labelled("x".repeat(31 * 1024));
    expect(warnings).toEqual([]);
    labelled("x".repeat(32 * 1024));
    expect(warnings).toEqual([
      'The plan of workflow "W" has 33 KB (executors: 2, edges: 1); above 32 KB it slows every run. Split the workflow.',
    ]);
    expect(refusal(() => labelled("ü".repeat(64 * 1024)))).toEqual([
      "PLAN_TOO_LARGE",
      'The plan of workflow "W" has 129 KB (executors: 2, edges: 1); 128 KB is the limit. Split the workflow, or shorten its labels and ids.',
    ]);
  });
});

describe("build() takes", () => {
  it("one executor in many places, loops and self-loops", () => {
    const workflow = from()
      .addEdge(a, b)
      .addEdge(b, a, { when: () => false })
      .addEdge(b, b, { when: () => false })
      .addEdge(b, c)
      .build();
    expect(workflow.plan.executors.map(({ id }) => id)).toEqual(["A", "B", "C"]);
  });

  it("the same way under two conditions", () => {
    const workflow = from()
      .addEdge(a, b, { when: (message) => message === "x" })
      .addEdge(a, b, { when: (message) => message === "y" })
      .build();
    expect(workflow.plan.edges.map(({ id }) => id)).toEqual(["A->B?", "A->B?#2"]);
  });

  it("a schema that cannot be drawn where no form needs it", () => {
    const inner = defineExecutor({ id: "Inner", input: z.custom<string>(() => true), handle: () => {} });
    expect(from().addEdge(a, inner).build().plan.executors[1]?.schemas.input).toMatch(/^[0-9a-f]{16}$/);
  });
});
