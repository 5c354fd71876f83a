import type { AnyPorts, NodeTypes } from "./node-types.ts";
import type { WorkflowNode } from "./runtime.ts";

/**
 * A frozen graph with a name, ready for every runner.
 *
 * `Input` is what a run is started with, `Output` one output of a run (`unknown` without `withOutputFrom`), `Ports` the
 * request ports that the compiler saw in the builder's chain: those can be answered by their id. As a node of another graph it
 * is called `Id`, which is its name unless `withId` gave it another.
 */
export interface Workflow<
  Input = never,
  Output = unknown,
  Name extends string = string,
  Ports = AnyPorts,
  Id extends string = Name,
> extends WorkflowNode {
  readonly id: Id;
  readonly name: Name;
  readonly "~types": NodeTypes<Input, Output, never, never, Ports>;
}

export type AnyWorkflow = Workflow<never, unknown, string, unknown, string>;
