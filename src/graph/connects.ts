import type { ErrorMessage } from "../wire/error-message.ts";
import type { MapResult } from "../wire/map-result.ts";
import type { InputOf, MessageOf, OutputOf, TypedNode } from "./node-types.ts";
import type { Joined, KindOf } from "./words.ts";

/**
 * Whether an edge fits, in types. Each check gives `unknown` (accepts anything) when it does, else a sentence. The builder
 * intersects it with the target, so that the sentence is the last line of the compiler's message.
 */

/** Whether the executor `To` can receive every message `Message` that the executor `From` sends along one edge. */
export type Connects<From extends TypedNode, To extends TypedNode, Message> = [MessageOf<From>] extends [never]
  ? SendsNothing<From["id"]>
  : Receives<From["id"], To, Message, UnsaidBy<From>>;

/** Whether `To` can receive the failures of `From`. */
export type ConnectsErrors<From extends TypedNode, To extends TypedNode> = Receives<
  `the error edge of ${From["id"]}`,
  To,
  ErrorMessage<InputOf<From>>
>;

/** Whether `Each` can receive every item of the lists that `From` sends. */
export type MapsOver<From extends TypedNode, Each extends TypedNode> = [MessageOf<From>] extends [never]
  ? SendsNothing<From["id"]>
  : [MessageOf<From>] extends [readonly unknown[]]
    ? Receives<`an item of ${From["id"]}`, Each, MessageOf<From>[number]>
    : [UnsaidBy<From>] extends [never]
      ? `"${From["id"]}" does not send a list, so "${Each["id"]}" cannot be mapped over it`
      : DoesNotSay<UnsaidBy<From>>;

/** Whether `To` can receive the list of what the calls of `Each` return. */
export type Collects<Each extends TypedNode, To extends TypedNode, Policy> = [OutputOf<Each>] extends [never]
  ? `"${Each["id"]}" returns nothing, so there is nothing that a map could collect`
  : Receives<`the map over ${Each["id"]}`, To, CollectedBy<Policy, OutputOf<Each>>[], UnsaidBy<Each>>;

type CollectedBy<Policy, Output> = Policy extends "all" ? Output : MapResult<Output>;

/** Whether the port `To` can be asked what nobody answered at the port `From`. */
export type Escalates<From extends string, To extends TypedNode, Request> = Receives<From, To, Request>;

/** The same for the list of a fan-in, which comes from many. */
export type Joins<Sources extends readonly TypedNode[], To extends TypedNode, AllowMissing extends boolean> = [
  SilentOf<Sources>,
] extends [never]
  ? Receives<IdsOf<Sources>, To, MessagesOf<Sources, AllowMissing>, UnsaidBy<Sources[number]>>
  : SendsNothing<SilentOf<Sources>>;

/** The same for each target of a fan-out. */
export type ConnectsEach<From extends TypedNode, Targets extends readonly TypedNode[]> = {
  readonly [Index in keyof Targets]: Targets[Index] extends TypedNode
    ? Connects<From, Targets[Index], MessageOf<From>>
    : never;
};

type SendsNothing<From extends string> = `"${From}" sends no message, so no edge can start there`;

/** Workflows whose output has no type: their builder was not told of it, or not in its chain. */
type UnsaidBy<From extends TypedNode> = From extends { readonly kind: "workflow" }
  ? unknown extends OutputOf<From>
    ? From["id"]
    : never
  : never;

type DoesNotSay<From extends string> =
  `${Quoted<From>} does not say what it outputs: end the chain of its builder with .withOutputFrom(executor).build()`;

/** @typeParam Unsaid - ids of those behind the message that do not say what they send */
type Receives<From extends string, To extends TypedNode, Message, Unsaid extends string = never> = [Message] extends [
  InputOf<To>,
]
  ? unknown
  : [Unsaid] extends [never]
    ? Mismatch<From, To["id"], Message, InputOf<To>>
    : DoesNotSay<Unsaid>;

/** The list a fan-in delivers: one message of each source in order, `null` in the empty places that it allows. */
type MessagesOf<Sources extends readonly TypedNode[], AllowMissing extends boolean> = {
  -readonly [Index in keyof Sources]:
    | (Sources[Index] extends TypedNode ? MessageOf<Sources[Index]> : never)
    | (AllowMissing extends true ? null : never);
};

type IdsOf<Sources extends readonly TypedNode[]> = Sources extends readonly [
  infer First extends TypedNode,
  ...infer Rest extends readonly TypedNode[],
]
  ? Rest extends readonly []
    ? First["id"]
    : `${First["id"]}, ${IdsOf<Rest>}`
  : Sources[number]["id"];

/** The first source that sends nothing. */
type SilentOf<Sources extends readonly TypedNode[]> = Sources extends readonly [
  infer First extends TypedNode,
  ...infer Rest extends readonly TypedNode[],
]
  ? [MessageOf<First>] extends [never]
    ? First["id"]
    : SilentOf<Rest>
  : never;

/** From the most telling sentence to the least. Only read when a message does not fit. */
type Mismatch<From extends string, To extends string, Message, Input> = [Fitting<Message, Input>] extends [never]
  ? [Kinds<Message>, Kinds<Input>] extends ["an object", "an object"]
    ? IsUnion<Message> | IsUnion<Input> extends false
      ? ObjectMismatch<From, To, Message, Input>
      : AnotherType<From, To>
    : Kinds<Message> extends Kinds<Input>
      ? AnotherType<From, To>
      : `"${From}" sends ${Kinds<Message>}, but "${To}" accepts ${Kinds<Input>}`
  : `"${From}" also sends messages that "${To}" does not accept: narrow them with "when" or a switch`;

type AnotherType<From extends string, To extends string> = `"${From}" sends another type than "${To}" accepts`;

type ObjectMismatch<From extends string, To extends string, Message, Input> = [MissingKey<Message, Input>] extends [
  never,
]
  ? [WrongKey<Message, Input>] extends [never]
    ? AnotherType<From, To>
    : `"${To}" accepts another type of ${Quoted<WrongKey<Message, Input>>} than "${From}" sends`
  : `"${To}" needs ${Quoted<MissingKey<Message, Input>>}, which "${From}" does not send`;

/** The members of a union of messages that the target does accept. */
type Fitting<Message, Input> = Message extends Input ? Message : never;

type Kinds<Value> = Joined<KindOf<Value>, " or ">;

type IsUnion<Value, Member = Value> = Value extends unknown ? ([Member] extends [Value] ? false : true) : never;

type RequiredKey<Value> = {
  [Key in keyof Value]-?: object extends Pick<Value, Key> ? never : Key;
}[keyof Value];

type MissingKey<Message, Input> = Extract<Exclude<RequiredKey<Input>, keyof Message>, string>;

type WrongKey<Message, Input> = {
  [Key in keyof Message & keyof Input & string]: Pick<Message, Key> extends Pick<Input, Key> ? never : Key;
}[keyof Message & keyof Input & string];

type Quoted<Key extends string> = Joined<Key extends unknown ? `"${Key}"` : never, " and ">;
