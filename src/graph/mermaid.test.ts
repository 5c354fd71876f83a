import { expect, it } from "vitest";
import { z } from "zod";
import { errorMessage } from "../wire/error-message.ts";
import { WorkflowBuilder } from "./builder.ts";
import { defineExecutor } from "./executor.ts";
import { toMermaid } from "./mermaid.ts";
import { defineRequestPort } from "./request-port.ts";

const text = <const Id extends string>(id: Id) =>
  defineExecutor({ id, input: z.string(), output: z.string(), handle: (message) => message });
const start = text("Start");
const end = text("end");
const left = text("Left");
const ask = defineRequestPort({ id: "Ask", request: z.string(), response: z.string() });
const join = defineExecutor({
  id: "Join",
  input: z.array(z.string()),
  output: z.string(),
  handle: (parts) => parts.join(" "),
});
const sorry = defineExecutor({ id: "Sorry", input: errorMessage(z.string()), handle: () => undefined });

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
    .addErrorEdge(left, sorry)
    .withOutputFrom(end)
    .build();
  const drawn = `flowchart TD
  n0(["Start"])
  n1["Left"]
  n2{{"Ask"}}
  n3["Join"]
  n4[["end"]]
  n5["Sorry"]
  n0 --> n1
  n0 --> n2
  n1 -.->|"again"| n1
  n1 -.-> n0
  join0((" "))
  n1 --> join0
  n2 --> join0
  join0 -->|"both"| n3
  n3 -.->|"done"| n4
  n3 -.->|"case 2"| n1
  n3 -.->|"default"| n2
  n4 -.->|"some"| n1
  n4 -.->|"some"| n2
  n1 -.->|"error"| n5
`;
  expect(toMermaid(workflow)).toBe(drawn);
  expect(toMermaid(workflow.plan)).toBe(drawn);
});

it("escapes what Mermaid would read as its own", () => {
  const label = 'a "b" | <i>c</i> #35; `d`\n[größer] > 5. - x';
  const workflow = new WorkflowBuilder("Escaped", start).addEdge(start, end, { when: () => true, label }).build();
  expect(toMermaid(workflow)).toContain(
    'n0 -.->|"a #34;b#34; #124; #60;i#62;c#60;#47;i#62; #35;35; #96;d#96;#10;#91;größer#93; #62; 5#46; #45; x"| n1',
  );
});

it("draws no label where there is nothing to read", () => {
  const workflow = new WorkflowBuilder("Blank", start).addEdge(start, end, { when: () => true, label: " " }).build();
  expect(toMermaid(workflow)).toContain("n0 -.-> n1");
});
