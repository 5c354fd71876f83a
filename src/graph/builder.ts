import { WorkflowError } from "../errors.ts";
import { DEFAULT_LIMITS, type Limits, limits as limitsSchema, type MapPolicy } from "../wire/plan.ts";
import { buildWorkflow } from "./build.ts";
import type { Collects, Connects, ConnectsEach, ConnectsErrors, Joins, MapsOver } from "./connects.ts";
import type { DraftEdge, EdgeFunction } from "./draft.ts";
import type { HasTypes, MessageOf, NodeTypes, OutputOf, PortsOf, TypedNode, YieldsOf } from "./node-types.ts";
import type { GraphNode } from "./runtime.ts";
import { type ClosedSwitch, type Condition, type NarrowedBy, type OpenSwitch, recordSwitch } from "./switch.ts";
import type { Workflow } from "./workflow.ts";

/** The start of a graph: its input is the workflow's, and its ports are known by name if it is one. */
type Start<Input, Ports> = GraphNode & { readonly "~types": NodeTypes<Input, unknown, unknown, unknown, Ports> };

interface ConditionOptions<When> {
  /** Whether the edge takes a message; may be async. One that the compiler reads as a type guard narrows the edge. */
  readonly when: When;
  readonly label?: string;
}

interface FanOutOptions<Message, Target> {
  /** The executors of the list that get this message; all of them without it. */
  readonly select?: (message: Message) => readonly Target[] | Promise<readonly Target[]>;
  readonly label?: string;
}

interface FanInOptions<AllowMissing extends boolean> {
  /** When nothing else is left to do, deliver what has come, with `null` in the empty places. */
  readonly allowMissing?: AllowMissing;
  readonly label?: string;
}

interface MapOptions<Policy> {
  /** How many calls may be going on at a time; as many as a superstep takes (`maxCallsPerSuperstep`) unless set. */
  readonly concurrency?: number;
  /**
   * What has to become of the calls. `all`, unless set: each one succeeds, and `to` gets a list of what they returned.
   * `settle`: whatever may, and `to` gets a list of `{ ok: true, output }` and `{ ok: false, error }`. `{ atLeast: n }`: the
   * same, if n of them succeed.
   */
  readonly policy?: Policy;
  readonly label?: string;
}

/** What comes out of a run when these executors give its outputs. */
type OutputFrom<Executor extends HasTypes> = Executor extends HasTypes
  ? OutputOf<Executor> | YieldsOf<Executor>
  : never;

/**
 * Wires executors, request ports and other workflows into a graph, edge by edge. Each edge is checked by the compiler where it
 * is written, and the whole graph at `build()`.
 *
 * A workflow is used like an executor: a message starts it in a frame of its own inside the run, and its outputs are its
 * messages.
 *
 * @example
 * const cancelOrder = new WorkflowBuilder("CancelOrder", lookUpOrder)
 *   .addEdge(lookUpOrder, cancel)
 *   .addEdge(cancel, sendEmail)
 *   .withOutputFrom(sendEmail)
 *   .build();
 */
export class WorkflowBuilder<Input, Name extends string, Ports = never, Output = unknown> {
  readonly #name: Name;
  readonly #start: GraphNode;
  readonly #edges: DraftEdge[] = [];
  #description: string | undefined;
  #outputs: readonly GraphNode[] | undefined;
  #limits: Limits = DEFAULT_LIMITS;
  #timeoutMs: number | undefined;

  /**
   * @param name - a letter, then up to 47 letters, digits or `_`; part of the names its parts have on a durable host
   * @param start - the executor, port or sub-workflow that gets the input of a run
   */
  constructor(name: Name, start: Start<Input, Ports>) {
    this.#name = name;
    this.#start = start;
  }

  /** Says in a sentence what the workflow does, for lists and generated contracts. Not part of its version. */
  describe(text: string): this {
    this.#description = text;
    return this;
  }

  /** Sends every message of `from` to `to`. */
  addEdge<From extends TypedNode, To extends TypedNode>(
    from: From,
    to: To & Connects<From, To, MessageOf<From>>,
  ): WorkflowBuilder<Input, Name, Ports | PortsOf<To>, Output>;
  /** Sends those messages of `from` to `to` for which `when` holds. */
  addEdge<From extends TypedNode, To extends TypedNode, When extends Condition<MessageOf<From>>>(
    from: From,
    to: To & Connects<From, To, NarrowedBy<When, MessageOf<From>>>,
    options: ConditionOptions<When>,
  ): WorkflowBuilder<Input, Name, Ports | PortsOf<To>, Output>;
  addEdge(from: GraphNode, to: GraphNode, options?: ConditionOptions<EdgeFunction>): unknown {
    this.#edges.push({ kind: "direct", from, to, when: options?.when, label: options?.label });
    return this;
  }

  /**
   * Sends each message of `from` to one of several executors: the first case that holds takes it.
   *
   * @param define - writes the cases, and closes the switch with `.default(executor)` or `.dropRest()`
   */
  addSwitch<From extends TypedNode, CasePorts>(
    from: From,
    define: (on: OpenSwitch<From, MessageOf<From>>) => ClosedSwitch<CasePorts>,
  ): WorkflowBuilder<Input, Name, Ports | CasePorts, Output> {
    this.#edges.push(recordSwitch(from, define as unknown as Parameters<typeof recordSwitch>[1]));
    return this as never;
  }

  /** Sends every message of `from` to all of `targets`, or to those that `select` chooses. */
  addFanOut<From extends TypedNode, const Targets extends readonly TypedNode[]>(
    from: From,
    targets: Targets & ConnectsEach<From, Targets>,
    options?: FanOutOptions<MessageOf<From>, Targets[number]>,
  ): WorkflowBuilder<Input, Name, Ports | PortsOf<Targets[number]>, Output> {
    const select = options?.select as EdgeFunction | undefined;
    this.#edges.push({ kind: "fanOut", from, to: [...targets], select, label: options?.label });
    return this as never;
  }

  /**
   * Waits until every source has sent a message, and sends them to `to` as one list in the order written here. It takes one
   * message of each source and keeps the rest for the next list.
   */
  addFanIn<
    const Sources extends readonly TypedNode[],
    To extends TypedNode,
    const AllowMissing extends boolean = false,
  >(
    sources: Sources,
    to: To & Joins<Sources, To, AllowMissing>,
    options?: FanInOptions<AllowMissing>,
  ): WorkflowBuilder<Input, Name, Ports | PortsOf<To>, Output> {
    const allowMissing = options?.allowMissing ?? false;
    this.#edges.push({ kind: "fanIn", from: [...sources], to, allowMissing, label: options?.label });
    return this as never;
  }

  /**
   * Calls `each` once for every item of a list that `from` sends, and sends the list of what these calls returned to `to`, in
   * the order of the items. An empty list gives an empty one. Retries, time limits and error edges of `each` are its own; what
   * it sends besides goes along its own edges.
   *
   * A map that cannot come to what its policy asks for sends nothing: what it was still at is given up, and the run fails,
   * unless an error edge of `each` has taken the failures.
   *
   * @param each - an executor, a request port, or a sub-workflow, whose last output counts
   * @param to - with another policy than `all`, its input schema is a list of `mapResult(schema of what "each" returns)`
   */
  addMap<From extends TypedNode, Each extends TypedNode, To extends TypedNode, const Policy extends MapPolicy = "all">(
    from: From,
    each: Each & MapsOver<From, Each>,
    to: To & Collects<Each, To, Policy>,
    options?: MapOptions<Policy>,
  ): WorkflowBuilder<Input, Name, Ports | PortsOf<Each> | PortsOf<To>, Output> {
    const { policy = "all", concurrency, label } = options ?? {};
    this.#edges.push({ kind: "map", from, each, to, policy, concurrency, label });
    return this as never;
  }

  /**
   * Sends the failures of `from` to `to` as `{ executorId, input, error }`, once its retries are used up; the run goes on. For
   * a request port: a request that cannot be opened, that nobody answers in time, or whose response cannot be sent on.
   *
   * @param to - its input schema is made with `errorMessage(schema of what "from" is called with)`
   */
  addErrorEdge<From extends TypedNode, To extends TypedNode>(
    from: From,
    to: To & ConnectsErrors<From, To>,
    options?: { readonly label?: string },
  ): WorkflowBuilder<Input, Name, Ports | PortsOf<To>, Output> {
    this.#edges.push({ kind: "error", from, to, label: options?.label });
    return this as never;
  }

  /**
   * Names the executors whose returned values are outputs of a run; without it, those with no outgoing edge. The last call
   * counts.
   */
  withOutputFrom<const Executors extends readonly [TypedNode, ...TypedNode[]]>(
    ...executors: Executors
  ): WorkflowBuilder<Input, Name, Ports, OutputFrom<Executors[number]>> {
    this.#outputs = [...new Set<GraphNode>(executors)];
    return this as never;
  }

  /**
   * Sets limits of a run; a limit that is reached fails the run with a code.
   *
   * @param limits - `maxSupersteps` (10,000 unless set), `maxCallsPerSuperstep` (100: the rest stays queued in order),
   *   `maxStateChars`: characters of JSON text a run may hold between two supersteps (512 × 1,024), `maxOutcomeChars`:
   *   those that one call may produce (as many as a run may hold, and 512 × 1,024 at least), `maxDepth` of nested
   *   sub-workflows (8), `maxMapItems` in the list of a map (10,000). Those of a sub-workflow count where it runs on its own
   * @throws {WorkflowError} `PLAN_INVALID` for a limit that is no whole number of 1 or more
   */
  withLimits(limits: Partial<Limits>): this {
    const parsed = limitsSchema.safeParse({ ...this.#limits, ...limits });
    if (!parsed.success) throw limitInvalid(this.#name, limits);
    this.#limits = parsed.data;
    return this;
  }

  /**
   * Fails a run with `RUN_TIMED_OUT` that takes longer than this, waits for people included.
   *
   * @param timeoutMs - milliseconds from the start, a whole number of 1 or more; checked at `build()`
   */
  withTimeout(timeoutMs: number): this {
    this.#timeoutMs = timeoutMs;
    return this;
  }

  /**
   * Checks the graph and compiles it to a plan. The builder may go on; what it built does not change any more.
   *
   * @param options - `warn`: gets the warning about a plan above 32 KB; `process.emitWarning` unless set
   * @throws {WorkflowError} one of the codes for graphs in docs/errors.md
   */
  build(options?: { readonly warn?: (warning: string) => void }): Workflow<Input, Output, Name, Ports> {
    const draft = {
      name: this.#name,
      start: this.#start,
      description: this.#description,
      edges: [...this.#edges],
      outputs: this.#outputs,
      limits: this.#limits,
      timeoutMs: this.#timeoutMs,
    };
    const warn = options?.warn ?? ((warning: string) => process.emitWarning(warning));
    return buildWorkflow(draft, warn) as Workflow<Input, Output, Name, Ports>;
  }
}

function limitInvalid(name: string, limits: Partial<Limits>): WorkflowError {
  return new WorkflowError(
    "PLAN_INVALID",
    `The limits of workflow "${name}" are ${JSON.stringify(limits)}.`,
    "Each limit has to be a whole number of 1 or more.",
  );
}
