import type { StandardSchemaV1 } from "@standard-schema/spec";
import { WorkflowError } from "../../errors.ts";
import type { ExecutorNode, HandlerContext, StateKeyNode } from "../../graph/runtime.ts";
import type { Delivery } from "../../wire/delivery.ts";
import type { JsonText } from "../../wire/json.ts";
import type { CompletedResult } from "../../wire/outcome.ts";
import { own } from "../own.ts";
import { targetsOf } from "../plan-index.ts";
import { callContextOf } from "./compensate.ts";
import type { LiveUpdates } from "./environment.ts";
import { jsonTextOf } from "./json-text.ts";
import type { UsageMeter } from "./usage-meter.ts";
import { type Checked, check, misfit } from "./validate.ts";

const CORRECT_IT = "Correct the handler or the schema.";

/** A value on its way into the effects: its text comes once its schema has answered. */
interface Pending {
  valueJson: JsonText | undefined;
}

type PendingMessage = Pending & { readonly to: string | undefined };

/** What one call of a handler did, apart from the routes its messages take. */
export interface Effects extends Pick<CompletedResult, "yielded" | "writes" | "emitted" | "haltRequested"> {
  readonly messages: readonly { readonly valueJson: JsonText; readonly to: string | undefined }[];
}

/** What a call of a handler has around it, besides its delivery. */
export interface Surroundings {
  readonly signal: AbortSignal;
  readonly usage: UsageMeter;
  readonly updates: LiveUpdates | undefined;
}

/**
 * One call of a handler: the context it gets, and what it does through it. Values become JSON text at once, so what the
 * handler changes afterwards does not reach them.
 */
export class HandlerCall {
  readonly context: HandlerContext;
  readonly #node: ExecutorNode;
  readonly #delivery: Delivery;
  readonly #messages: PendingMessage[] = [];
  readonly #yielded: Pending[] = [];
  readonly #emitted: CompletedResult["emitted"] = [];
  readonly #writes: Record<string, JsonText> = {};
  /** Answers of asynchronous schemas, in order; an error where one refused. */
  readonly #answers: Promise<unknown>[] = [];
  readonly #usage: UsageMeter;
  readonly #updates: LiveUpdates | undefined;
  #updatesSent = 0;
  #haltRequested = false;
  #isOpen = true;

  constructor(node: ExecutorNode, delivery: Delivery, around: Surroundings) {
    const { signal, usage, updates } = around;
    this.#node = node;
    this.#delivery = delivery;
    this.#usage = usage;
    this.#updates = updates;
    this.context = Object.freeze({
      ...callContextOf(delivery, signal),
      sendMessage: (message: unknown, options?: { readonly to?: { readonly id: string } }) =>
        this.#send(message, options?.to?.id),
      yieldOutput: (output: unknown) => this.#yield(output),
      emit: (name: unknown, data?: unknown) => this.#emit(name, data),
      requestHalt: () => this.#halt(),
      addUsage: (usage: Parameters<HandlerContext["addUsage"]>[0]) => this.#addUsage(usage),
      isWatched: () => this.#updates?.isWatched(delivery.runId) ?? false,
      sendUpdate: (data: unknown) => this.#sendUpdate(data),
      state: Object.freeze({
        get: (key: StateKeyNode) => this.#get(key),
        set: (key: StateKeyNode, value: unknown) => this.#set(key, value),
      }),
    });
  }

  /** From now on the context refuses every use. */
  close(): void {
    this.#isOpen = false;
  }

  /** Waits for asynchronous schemas; throws what the first of them refused. */
  async effects(): Promise<Effects> {
    for (const answer of this.#answers) {
      const error = await answer;
      if (error !== undefined) throw error;
    }
    return {
      messages: this.#messages.map(({ valueJson = "", to }) => ({ valueJson, to })),
      yielded: this.#yielded.map(({ valueJson = "" }) => valueJson),
      emitted: this.#emitted,
      writes: this.#writes,
      haltRequested: this.#haltRequested,
    };
  }

  #send(message: unknown, to: string | undefined): void {
    this.#checkOpen("sendMessage");
    if (to !== undefined) this.#checkConnected(to);
    const schemas = [this.#node.sends, this.#node.output].filter((schema) => schema !== undefined);
    const checked = checkAny(schemas, message);
    this.#take(this.#messages, { valueJson: undefined, to }, checked, `The message executor "${this.#node.id}" sends`);
  }

  #yield(output: unknown): void {
    this.#checkOpen("yieldOutput");
    const schemas = [this.#node.yields].filter((schema) => schema !== undefined);
    const checked = checkAny(schemas, output);
    this.#take(this.#yielded, { valueJson: undefined }, checked, `The output executor "${this.#node.id}" yields`);
  }

  /** Takes a value whose schema has answered, so that a misfit shows where it was sent; else keeps its place in the order. */
  #take<Value extends Pending>(list: Value[], value: Value, checked: Checked | Promise<Checked>, what: string): void {
    const settle = (answer: Checked) => {
      value.valueJson = textOf(answer, what);
    };
    if (checked instanceof Promise) this.#answers.push(checked.then(settle).then(() => undefined, asError));
    else settle(checked);
    list.push(value);
  }

  #emit(name: unknown, data: unknown): void {
    this.#checkOpen("emit");
    if (typeof name !== "string" || name === "") throw this.#noEventName(name);
    const whose = `the data of "${name}" that executor "${this.#node.id}" emits`;
    this.#emitted.push({ name, ...(data !== undefined && { dataJson: jsonTextOf(data, whose) }) });
  }

  #noEventName(name: unknown): WorkflowError {
    const shown = name === "" ? "an empty text" : `of type ${name === null ? "null" : typeof name}`;
    return new WorkflowError(
      "EVENT_NAME_INVALID",
      `Executor "${this.#node.id}" emits an event whose name is ${shown}.`,
      'Give it a name: emit("progress", data).',
    );
  }

  #halt(): void {
    this.#checkOpen("requestHalt");
    this.#haltRequested = true;
  }

  #addUsage(usage: Parameters<HandlerContext["addUsage"]>[0]): void {
    this.#checkOpen("addUsage");
    this.#usage.add(usage, this.#node.id);
  }

  /** Once its call has ended, a handler that still talks is not worth an error: nothing depends on an update. */
  #sendUpdate(data: unknown): void {
    if (!this.#isOpen || !this.#updates?.isWatched(this.#delivery.runId)) return;
    const dataJson = jsonTextOf(data, `the update that executor "${this.#node.id}" sends`);
    const { runId, workflow, executorId, callKey, attempt } = this.#delivery;
    this.#updatesSent += 1;
    const number = this.#updatesSent;
    this.#updates.send({ runId, workflow, executorId, callKey, attempt, number, data: dataJson });
  }

  #get(key: StateKeyNode): unknown {
    this.#checkOpen("state.get");
    const { reads, writes } = this.#node.state;
    if (!isAmong(reads, key) && !isAmong(writes, key)) throw this.#notDeclared(key, "reads");
    return JSON.parse(own(this.#writes, key.name) ?? this.#valueInRun(key, "reads"));
  }

  #set(key: StateKeyNode, value: unknown): void {
    this.#checkOpen("state.set");
    if (!isAmong(this.#node.state.writes, key)) throw this.#notDeclared(key, "writes");
    this.#valueInRun(key, "writes");
    const what = `The value executor "${this.#node.id}" writes to the state key "${key.name}"`;
    const checked = check(key.schema, value);
    if (checked instanceof Promise) {
      checked.catch(() => undefined); // nobody waits for it: the line below refuses the schema
      throw misfit("STATE_VALUE_INVALID", what, [ASYNCHRONOUS], "Give the state key a schema that answers at once.");
    }
    if (!checked.isValid) throw misfit("STATE_VALUE_INVALID", what, checked.issues, CORRECT_IT);
    this.#writes[key.name] = jsonTextOf(checked.value, lowerFirst(what));
  }

  /** A run keeps its plan: state that was declared after its start does not exist in it. */
  #valueInRun(key: StateKeyNode, access: string): JsonText {
    const valueJson = own(this.#delivery.state, key.name);
    if (valueJson === undefined) throw this.#notDeclared(key, access);
    return valueJson;
  }

  #notDeclared(key: StateKeyNode, access: string): WorkflowError {
    return new WorkflowError(
      "STATE_NOT_DECLARED",
      `Executor "${this.#node.id}" ${access} the state key "${key.name}" in run "${this.#delivery.runId}", whose graph does not declare that.`,
      `Add the key to "state" of the executor; runs that are going on keep the graph they were started with.`,
    );
  }

  #checkConnected(to: string): void {
    if (this.#delivery.edges.some((edge) => targetsOf(edge).includes(to))) return;
    throw new WorkflowError(
      "TARGET_NOT_CONNECTED",
      `Executor "${this.#node.id}" sends a message to "${to}", but no edge leads there.`,
      "Add the edge, or leave the target out.",
    );
  }

  #checkOpen(use: string): void {
    if (this.#isOpen) return;
    throw new WorkflowError(
      "CONTEXT_CLOSED",
      `Executor "${this.#node.id}" used ${use} of its context after call ${this.#delivery.callKey} had ended.`,
      "Await everything the handler starts before it returns.",
    );
  }
}

const ASYNCHRONOUS = { pointer: "", message: "the schema is asynchronous" };
const UNDECLARED = { pointer: "", message: "the executor declares no schema for it" };

/** The first schema that takes the value; else the issues of the first one. */
function checkAny(schemas: readonly StandardSchemaV1[], value: unknown): Checked | Promise<Checked> {
  const [schema, ...others] = schemas;
  if (schema === undefined) return { isValid: false, issues: [UNDECLARED] };
  const orElse = (first: Checked): Checked | Promise<Checked> => {
    if (first.isValid || others.length === 0) return first;
    const next = checkAny(others, value);
    const better = (second: Checked) => (second.isValid ? second : first);
    return next instanceof Promise ? next.then(better) : better(next);
  };
  const first = check(schema, value);
  return first instanceof Promise ? first.then(orElse) : orElse(first);
}

function textOf(checked: Checked, what: string): JsonText {
  if (!checked.isValid) throw misfit("EXECUTOR_OUTPUT_INVALID", what, checked.issues, CORRECT_IT);
  return jsonTextOf(checked.value, lowerFirst(what));
}

/** By name: `withId` and copies of a module make other objects of one and the same key. */
function isAmong(keys: readonly StateKeyNode[], { name }: StateKeyNode): boolean {
  return keys.some((key) => key.name === name);
}

function asError(error: unknown): unknown {
  return error ?? new Error("A schema refused a value without a reason.");
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/**
 * What a handler returned, as the text that travels on; undefined when it returned nothing.
 *
 * @throws {WorkflowError} `EXECUTOR_OUTPUT_INVALID`, `VALUE_NOT_JSON`
 */
export async function returnedTextOf(node: ExecutorNode, returned: unknown): Promise<JsonText | undefined> {
  if (returned === undefined && !node.output) return undefined;
  const what = `The value executor "${node.id}" returned`;
  const checked = node.output
    ? await check(node.output, returned)
    : ({ isValid: false, issues: [UNDECLARED] } as const);
  return checked.isValid && checked.value === undefined ? undefined : textOf(checked, what);
}
