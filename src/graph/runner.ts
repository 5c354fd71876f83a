import type { RunUpdate } from "../wire/live-update.ts";
import type { RunEvent } from "../wire/run-event.ts";
import type { RunStatus } from "../wire/status.ts";
import type { AnyPorts, PortTypes } from "./node-types.ts";
import type { AnyRequestPort } from "./request-port.ts";
import type { Workflow } from "./workflow.ts";

/**
 * Running a workflow, the same for every runner: in process, on the local host, on Azure. Swapping the runner changes the
 * line that makes it, and nothing else.
 */

/** A run event with the type of the workflow's outputs. */
export type TypedRunEvent<Output = unknown> =
  | Exclude<RunEvent, { readonly type: "runOutput" }>
  | (Extract<RunEvent, { readonly type: "runOutput" }> & { readonly output: Output });

/** A port request by its id, as listed under `waitingForInput` of the run's status. */
export interface RequestReference {
  readonly requestId: string;
}

/** The types of a port, named by the object or by its id. */
type PortNamed<Port, Ports> = Port extends {
  readonly id: infer Id;
  readonly "~types": { readonly ports: infer Types };
}
  ? Extract<Types, { readonly id: Id }>
  : Extract<Ports, { readonly id: Port }>;

type IdOf<Ports> = Ports extends { readonly id: infer Id extends string } ? Id : never;

/** What a person sees at a port. */
export type RequestAt<Port, Ports> =
  PortNamed<Port, Ports> extends PortTypes<string, infer Request, never> ? Request : unknown;

/** What a person may answer at a port; `unknown` where only the request's id is given. */
export type ResponseAt<Port, Ports> =
  PortNamed<Port, Ports> extends {
    readonly answers: (response: infer Response) => void;
  }
    ? Response
    : unknown;

/** A request port by object, or by id where the workflow's type knows it. */
export type PortOrId<Ports> = AnyRequestPort | IdOf<Ports>;

/** An open port request: what is asked, and the way to answer it. `respond` stands on its own: no `this` is needed. */
export interface PortRequest<Request, Response> {
  readonly requestId: string;
  /** The id of the port. */
  readonly port: string;
  readonly request: Request;
  readonly respond: (response: Response) => Promise<void>;
}

/** One run of a workflow. */
export interface Run<Output = unknown, Ports = AnyPorts> {
  readonly runId: string;

  /** @throws {WorkflowError} `RUN_NOT_FOUND` when there is no such run of this workflow */
  status(): Promise<RunStatus>;

  /**
   * Waits for the end and gives the last output.
   *
   * @throws {WorkflowError} `RUN_FAILED` with the failure as `cause`, `RUN_CANCELLED`, `RUN_TERMINATED`, or
   *   `RUN_WITHOUT_OUTPUT` when the run ended without one
   */
  output(): Promise<Output>;

  /** Waits for the end and gives every output in order; throws as `output()` does, except that none is no error. */
  outputs(): Promise<Output[]>;

  /**
   * Waits until the run has ended, however it ended.
   *
   * @param options - `timeoutMs`: milliseconds to wait at most; without it, for as long as it takes
   * @throws {WorkflowError} `RUN_TIMED_OUT_WAITING` when the run is still going on by then; the run itself is not touched
   */
  wait(options?: { readonly timeoutMs?: number }): Promise<RunStatus>;

  /** Every run event from the first one, then live ones as they come; ends with the run. */
  events(): AsyncIterable<TypedRunEvent<Output>>;

  /**
   * What calls of the run tell while they go on, by `context.sendUpdate`, from now on; ends with the run. The words of a model come
   * this way, piece by piece. Nothing of it is recorded, and some of it may be missed: `events()` has all that counts, and
   * what a call gave in the end holds all that it told. A runner over a task hub alone gives none.
   */
  updates(): AsyncIterable<RunUpdate>;

  /**
   * Waits for the next open request of a port. Each request is given out once.
   *
   * @throws {WorkflowError} `RUN_ENDED` when the run ends without asking again
   */
  nextRequest<const Port extends PortOrId<Ports>>(
    port: Port,
  ): Promise<PortRequest<RequestAt<Port, Ports>, ResponseAt<Port, Ports>>>;

  /**
   * Answers an open port request, so that the run goes on from its next superstep. The first response counts.
   *
   * @param port - the port, its id, or `{ requestId }` for one request among several of a port
   * @param response - in the shape that the port's `response` schema takes
   * @throws {WorkflowError} `PORT_RESPONSE_INVALID` for a response of the wrong shape (the run keeps waiting),
   *   `REQUEST_NOT_FOUND`, `REQUEST_CLOSED`, `REQUEST_AMBIGUOUS`, `RUN_ENDED`
   */
  respond<const Port extends PortOrId<Ports> | RequestReference>(
    port: Port,
    response: ResponseAt<Port, Ports>,
  ): Promise<void>;

  /**
   * Asks the run to end. Handlers under way see `context.signal` and are not waited for; what the run has done is undone, as
   * far as executors declare how. A run that has ended stays as it is.
   */
  cancel(reason?: string): Promise<void>;
}

/** The run handle of a workflow. */
export type RunOf<Definition> =
  Definition extends Workflow<never, infer Output, string, infer Ports> ? Run<Output, Ports> : never;

/** Starts runs and finds them again. */
export interface WorkflowRunner {
  /**
   * Starts a run. The same `runId` with the same input gives the run that is already there.
   *
   * @param input - in the shape that the input schema of the start executor takes
   * @param options - `runId`: 1 to 100 characters; one is made up without it
   * @throws {WorkflowError} `RUN_INPUT_INVALID` for an input of the wrong shape, `RUN_INPUT_TOO_LARGE`, `RUN_ID_INVALID`,
   *   `RUN_EXISTS` when the id belongs to a run with other input
   */
  start<Input, Output, Name extends string, Ports>(
    workflow: Workflow<Input, Output, Name, Ports>,
    input: NoInfer<Input>,
    options?: { readonly runId?: string },
  ): Promise<Run<Output, Ports>>;

  /** The run of this id. Nothing is looked up yet: an unknown id shows at the first call as `RUN_NOT_FOUND`. */
  open<Input, Output, Name extends string, Ports>(
    workflow: Workflow<Input, Output, Name, Ports>,
    runId: string,
  ): Run<Output, Ports>;
}
