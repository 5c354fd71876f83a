import { expect, it } from "vitest";
import { z } from "zod";
import { WorkflowBuilder } from "./builder.ts";
import { toDot } from "./dot.ts";
import { defineExecutor } from "./executor.ts";
import { defineRequestPort } from "./request-port.ts";

const text = <const Id extends string>(id: Id) =>
  defineExecutor({ id, input: z.string(), output: z.string(), handle: (message) => message });
const start = text("Start");
const end = text("node");
const left = text("Left");
const ask = defineRequestPort({ id: "Ask", request: z.string(), response: z.string() });
const join = defineExecutor({
  id: "Join",
  input: z.array(z.string()),
  output: z.string(),
  handle: (parts) => parts.join(" "),
});

it("draws every kind of edge, ports, outputs, loops and back edges", () => {
  const workflow = new WorkflowBuilder("Drawn", start)
    .addFanOut(start, [left, ask])
    .addEdge(left, left, { when: () => false, label: "again" })
    .addEdge(left, start, { when: () => false })
    .addFanIn([left, ask], join, { label: "both" })
    .addSwitch(join, (on) =>
      on
        .case(() => true, end, { label: "done" })
        .case(() => true, left)
        .default(ask),
    )
    .addFanOut(end, [left, ask], { select: () => [], label: "some" })
    .withOutputFrom(end)
    .build();
  const drawn = `digraph "Drawn" {
  n0 [label="Start", shape=box, style="rounded"];
  n1 [label="Left", shape=box];
  n2 [label="Ask", shape=hexagon];
  n3 [label="Join", shape=box];
  n4 [label="node", shape=box, peripheries=2];
  n0 -> n1;
  n0 -> n2;
  n1 -> n1 [style=dashed, label="again"];
  n1 -> n0 [style=dashed];
  join0 [label="", shape=circle, width=0.15];
  n1 -> join0;
  n2 -> join0;
  join0 -> n3 [label="both"];
  n3 -> n4 [style=dashed, label="done"];
  n3 -> n1 [style=dashed, label="case 2"];
  n3 -> n2 [style=dashed, label="default"];
  n4 -> n1 [style=dashed, label="some"];
  n4 -> n2 [style=dashed, label="some"];
}
`;
  expect(toDot(workflow)).toBe(drawn);
  expect(toDot(workflow.plan)).toBe(drawn);
});

it("escapes what Graphviz would read as its own", () => {
  const label = 'a "b" \\N &lt; \t<i>\nnext\r\nlast';
  const workflow = new WorkflowBuilder("Escaped", start).addEdge(start, end, { when: () => true, label }).build();
  expect(toDot(workflow)).toContain('n0 -> n1 [style=dashed, label="a \\"b\\" \\\\N &amp;lt;  <i>\\nnext\\nlast"];');
});
