import type { NodeTypes, PortTypes } from "./node-types.ts";
import type { PortNode } from "./runtime.ts";

/**
 * Where a run asks the outside: a person, another system. An executor too: a message in is a request, the response goes
 * on along its edges.
 *
 * `Request` is what an edge into the port carries, `Response` what a person answers, `Sent` what the port sends on, and
 * `Shown` what a person sees. The last two differ from the first two only where a schema transforms.
 */
export interface RequestPort<Id extends string, Request, Response, Sent = Response, Shown = Request> extends PortNode {
  readonly id: Id;
  readonly "~types": NodeTypes<Request, Sent, never, never, PortTypes<Id, Shown, Response>>;
}

export type AnyRequestPort = RequestPort<string, never, never, unknown, unknown>;
