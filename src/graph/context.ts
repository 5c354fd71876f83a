import type { GraphNode, HandlerContext } from "./runtime.ts";
import type { AnyStateKey, ValueOf, WrittenTo } from "./state.ts";

/** `unknown` (accepts any key) when the executor declares it; else the sentence that says what to do. */
type Declared<Key extends AnyStateKey, Keys, Verb extends "reads" | "writes"> = [Key] extends [Keys]
  ? unknown
  : `this executor does not declare that it ${Verb} "${Key["name"]}": add it to "state"`;

/** The state of the run, as far as the executor declares it. It sees its own writes at once, others in the next superstep. */
export interface StateAccess<Reads, Writes> {
  get<Key extends AnyStateKey>(key: Key & Declared<Key, Reads | Writes, "reads">): ValueOf<Key>;
  set<Key extends AnyStateKey>(key: Key & Declared<Key, Writes, "writes">, value: WrittenTo<Key>): void;
}

/**
 * What a handler gets beside its input.
 *
 * `Sends` and `Yields` are what `sendMessage` and `yieldOutput` take, `Reads` and `Writes` the declared state keys. A class
 * that only reads `runId`, `superstep` and the like needs none of them: `context: ExecutorContext`.
 */
export interface ExecutorContext<
  Sends = never,
  Yields = never,
  // `any` lets a handler of a class ask for a bare context: its keys are then checked where it is called.
  // biome-ignore lint/suspicious/noExplicitAny: the default has to accept the state of every executor
  Reads = any,
  // biome-ignore lint/suspicious/noExplicitAny: see Reads
  Writes = any,
> extends Pick<
    HandlerContext,
    "runId" | "workflow" | "executorId" | "callKey" | "attempt" | "lastError" | "superstep" | "signal"
  > {
  /**
   * Sends a message along the edges of this executor, delivered in the next superstep.
   *
   * @param message - in the shape that `output` or `sends` takes
   * @param options - `to`: only edges to this executor carry it
   * @throws {WorkflowError} `TARGET_NOT_CONNECTED` when no edge leads to `to`
   */
  sendMessage(message: Sends, options?: { readonly to?: GraphNode }): void;
  /** Gives an output of the run, in the shape that `yields` takes. */
  yieldOutput(output: Yields): void;
  /** Puts a run event `emitted` into the run's events; `data` has to survive JSON. */
  emit(name: string, data?: unknown): void;
  /** Ends the run as completed after this superstep. What is still queued is dropped, and the run's events say so. */
  requestHalt(): void;
  /**
   * Adds tokens that this call used up to the usage of the run: once for each answer of a chat model, unless `modelCalls` says
   * otherwise. They count even when the call fails afterwards.
   */
  addUsage(usage: { readonly inputTokens: number; readonly outputTokens: number; readonly modelCalls?: number }): void;
  /** Whether anybody would get what `sendUpdate` sends now. */
  isWatched(): boolean;
  /**
   * Tells whoever watches the run right now how the call gets on. It is not recorded and may reach nobody, so what the handler
   * returns has to say it all again; `data` has to survive JSON.
   */
  sendUpdate(data: unknown): void;
  readonly state: StateAccess<Reads, Writes>;
}
