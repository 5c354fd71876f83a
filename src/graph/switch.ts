import { WorkflowError } from "../errors.ts";
import type { Connects } from "./connects.ts";
import type { DraftCase, DraftSwitch, EdgeFunction } from "./draft.ts";
import type { PortsOf, TypedNode } from "./node-types.ts";
import type { GraphNode } from "./runtime.ts";

/**
 * A yes or no to a message, at once or later. `Unread` is what nobody can answer: the compiler checks a call once before it
 * reads the lambda in it, and by then knows only this type of the condition. So the edge can tell, and pass that first look.
 */
export type Condition<Message> = (message: Message) => boolean | Promise<boolean> | Unread;

declare const unread: unique symbol;
interface Unread {
  readonly [unread]: never;
}

/** What a message is known to be once `When` holds; `never` for an unread one, so that every edge passes the first look. */
export type NarrowedBy<When, Message> =
  IsUnread<AnswerOf<When>> extends true
    ? never
    : GuardedBy<When> extends infer Guarded
      ? [Guarded] extends [never]
        ? Message
        : [Extract<Message, Guarded>] extends [never]
          ? Message & Guarded
          : Extract<Message, Guarded>
      : never;

/** What is left of a message when `When` did not hold. */
export type LeftBy<When, Message> = Exclude<Message, GuardedBy<When>>;

/** An answer of type `any` is one: nothing but `any` makes `0` fit into `1 & Answer`. */
type IsUnread<Answer> = 0 extends 1 & Answer ? false : Unread extends Answer ? true : false;

// biome-ignore lint/suspicious/noExplicitAny: only the answer counts
type AnswerOf<When> = When extends (message: any) => infer Answer ? Answer : never;

// biome-ignore lint/suspicious/noExplicitAny: the parameter of a guard may be any type that its answer fits into
type GuardedBy<When> = When extends (message: any) => message is infer Guarded ? Guarded : never;

/** What `addSwitch` wants back: a switch that says where the rest goes. */
export interface ClosedSwitch<Ports> {
  readonly "this switch needs .default(executor) or .dropRest()": Ports;
}

/** A switch being written: the first case that holds takes the message. `Rest` is what earlier guards have left over. */
export interface OpenSwitch<From extends TypedNode, Rest, Ports = never> {
  /**
   * Sends a message to `to` when the condition holds and no case before it did.
   *
   * @param when - may be async; one that the compiler reads as a type guard narrows what `to` and later cases see
   */
  case<To extends TypedNode, When extends Condition<Rest>>(
    when: When,
    to: To & Connects<From, To, NarrowedBy<When, Rest>>,
    options?: { readonly label?: string },
  ): OpenSwitch<From, LeftBy<When, Rest>, Ports | PortsOf<To>>;
  /** Sends what no case took to `to`. */
  default<To extends TypedNode>(to: To & Connects<From, To, Rest>): ClosedSwitch<Ports | PortsOf<To>>;
  /** Drops what no case took; the run's events tell of each dropped message. */
  dropRest(): ClosedSwitch<Ports>;
}

/** Takes down what a switch says, without its types. */
export function recordSwitch(from: GraphNode, define: (on: SwitchRecorder) => unknown): DraftSwitch {
  const recorder = new SwitchRecorder();
  define(recorder);
  if (recorder.rest !== undefined) return { kind: "switch", from, cases: recorder.cases, default: recorder.rest };
  throw new WorkflowError(
    "EDGE_INVALID",
    `The switch after "${from.id}" does not say where a message goes that no case takes.`,
    "End it with .default(executor) or .dropRest().",
  );
}

class SwitchRecorder {
  readonly cases: DraftCase[] = [];
  /** Undefined until the switch is closed; null drops the rest. */
  rest: GraphNode | null | undefined;

  case(when: EdgeFunction, to: GraphNode, options?: { readonly label?: string }): this {
    this.cases.push({ when, to, label: options?.label });
    return this;
  }

  default(to: GraphNode): this {
    this.rest = to;
    return this;
  }

  dropRest(): this {
    this.rest = null;
    return this;
  }
}
