import type { GraphNode } from "./runtime.ts";

/** What a request port is known by to whoever answers: its id, what a person sees, what a person may answer. */
export interface PortTypes<Id extends string = string, Request = unknown, Response = never> {
  readonly id: Id;
  readonly request: Request;
  readonly answers: (response: Response) => void;
}

/** Any set of ports, also the empty one (`never`). */
export type AnyPorts = PortTypes<string, unknown, never>;

/**
 * The types of a definition. Nothing of this exists at run time: `"~types"` is declared, never set, and only the
 * compiler reads it. `Input` stands in a parameter, so that an executor which accepts more may take the place of one
 * which accepts less.
 */
export interface NodeTypes<Input, Output, Yields, Sends, Ports> {
  readonly accepts: (input: Input) => void;
  readonly output: Output;
  readonly yields: Yields;
  readonly sends: Sends;
  readonly ports: Ports;
}

/** A definition with its types: an executor, a request port or a sub-workflow. */
export type TypedNode = GraphNode & HasTypes;

/** What an executor, a port and a workflow have in common for the compiler. */
export interface HasTypes {
  readonly "~types": NodeTypes<never, unknown, unknown, unknown, unknown>;
}

/** What an executor, a port or a workflow accepts: what its input schema takes. */
export type InputOf<Definition extends HasTypes> = Definition["~types"]["accepts"] extends (input: infer Input) => void
  ? Input
  : never;

/** What an executor returns and a port sends on, as it travels; what comes out of a run of a workflow. */
export type OutputOf<Definition extends HasTypes> = Definition["~types"]["output"];

/** What an executor gives to the run's outputs with `context.yieldOutput`. */
export type YieldsOf<Definition extends HasTypes> = Definition["~types"]["yields"];

/** Every message an edge out of this executor or port may carry: what is returned, and what is sent. */
export type MessageOf<Definition extends HasTypes> = Definition["~types"]["output"] | Definition["~types"]["sends"];

/** The request ports a definition brings into a graph; `never` for an executor. */
export type PortsOf<Definition extends HasTypes> = Definition["~types"]["ports"];
