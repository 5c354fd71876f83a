import type { Escalates } from "./connects.ts";
import type { HasTypes, NodeTypes, PortsOf, PortTypes, TypedNode } from "./node-types.ts";
import type { PortNode } from "./runtime.ts";
import type { AnySchema, Gives, Takes } from "./schema-types.ts";
import type { Travels } from "./travels.ts";

/**
 * Where a run asks the outside: a person, another system. An executor too: a message in is a request, the response goes
 * on along its edges.
 *
 * `Request` is what an edge into the port carries, `Response` what a person answers, `Sent` what the port sends on, and
 * `Shown` what a person sees. The last two differ from the first two only where a schema transforms.
 */
export interface RequestPort<Id extends string, Request, Response, Sent = Response, Shown = Request, Escalated = never>
  extends PortNode {
  readonly id: Id;
  readonly "~types": NodeTypes<Request, Sent, never, never, PortTypes<Id, Shown, Response> | Escalated>;
}

export type AnyRequestPort = RequestPort<string, never, never, unknown, unknown, unknown>;

type SentOn<Request extends AnySchema, Response extends AnySchema, Sends> = Sends extends "requestAndResponse"
  ? { request: Gives<Request>; response: Gives<Response> }
  : Gives<Response>;

type PortOf<
  Id extends string,
  Request extends AnySchema,
  Response extends AnySchema,
  Sends,
  Next extends HasTypes,
> = RequestPort<
  Id,
  Takes<Request>,
  Takes<Response>,
  SentOn<Request, Response, Sends>,
  Gives<Request>,
  [Next] extends [never] ? never : PortsOf<Next>
>;

/**
 * What happens to a request that nobody answers in `afterMs` milliseconds: the response `respondWith` counts, another port
 * is asked the same, or it fails with `REQUEST_TIMED_OUT`, which an error edge of the port may take.
 */
type PortTimeout<Id extends string, Request extends AnySchema, Response extends AnySchema, Next extends TypedNode> =
  | { readonly afterMs: number; readonly respondWith?: never; readonly escalateTo?: never }
  | { readonly afterMs: number; readonly respondWith: Takes<Response>; readonly escalateTo?: never }
  | {
      readonly afterMs: number;
      readonly escalateTo: Next & Escalates<Id, Next, Gives<Request>>;
      readonly respondWith?: never;
    };

/**
 * Defines a place where a run asks a person or another system, and waits for the response. Other branches of the run go on.
 *
 * @param definition - `id`: a letter, then up to 47 letters, digits or `_`; `request`: what is asked; `response`: what may
 *   be answered, checked before the run takes it in; `sends`: what goes on to the next executor, the `response` alone
 *   unless it is `"requestAndResponse"`, which sends `{ request, response }`; `timeout`: what happens when nobody answers
 *   within `afterMs` milliseconds, and without it the request waits for as long as it takes
 * @returns a frozen request port; the object is the key for `run.nextRequest` and `run.respond`
 */
export function defineRequestPort<
  const Id extends string,
  Request extends AnySchema,
  Response extends AnySchema,
  const Sends extends "response" | "requestAndResponse" = "response",
  Next extends TypedNode & PortNode = never,
>(definition: {
  readonly id: Id;
  readonly request: Request & Travels<Id, "sends", Request>;
  readonly response: Response & Travels<Id, "sends", Response>;
  readonly sends?: Sends;
  readonly timeout?: PortTimeout<Id, Request, Response, Next>;
}): PortOf<Id, Request, Response, Sends, Next> {
  const { id, request, response, sends = "response", timeout } = definition;
  const node: PortNode = {
    kind: "port",
    id,
    request,
    response,
    sends,
    timeout: timeout && Object.freeze({ ...timeout }),
  };
  return Object.freeze(node) as PortOf<Id, Request, Response, Sends, Next>;
}
