import type { AnySchema, Gives } from "./schema-types.ts";
import type { Joined } from "./words.ts";

/** How deep a value is looked into: deep enough for what people write, and an end for types that contain themselves. */
type Deeper = [never, 0, 1, 2, 3, 4, 5];
type Depth = Deeper[number] | 6;

/** What in a value JSON would change, in words; `never` when it arrives as it was sent. `any` and `unknown` pass. */
type ChangedByJson<Value, Level extends Depth = 6> = unknown extends Value
  ? never
  : [Level] extends [never]
    ? never
    : Value extends string | number | boolean | null
      ? never
      : Value extends undefined
        ? "undefined"
        : Value extends bigint
          ? "a bigint"
          : Value extends symbol
            ? "a symbol"
            : Value extends Date
              ? "a Date"
              : Value extends ReadonlyMap<unknown, unknown>
                ? "a Map"
                : Value extends ReadonlySet<unknown>
                  ? "a Set"
                  : Value extends ArrayBuffer | ArrayBufferView
                    ? "bytes"
                    : Value extends RegExp | Error | PromiseLike<unknown>
                      ? "an object of a class"
                      : Value extends (...parameters: never) => unknown
                        ? "a function"
                        : Value extends readonly (infer Item)[]
                          ? ChangedByJson<Item, Deeper[Level]>
                          : ChangedMember<Value, Level>;

/** A member that is undefined vanishes in JSON, as it does when it is missing: that is no change. */
type ChangedMember<Value, Level extends Depth> = {
  [Key in keyof Value]-?: ChangedByJson<Exclude<Value[Key], undefined>, Deeper[Level]>;
}[keyof Value];

/** `unknown` (accepts anything) when what the schema gives survives JSON; else the sentence that says what does not. */
export type Travels<Name extends string, Verb extends "sends" | "holds" | "yields", Schema extends AnySchema> = [
  ChangedByJson<Gives<Schema>>,
] extends [never]
  ? unknown
  : `"${Name}" ${Verb} ${Joined<ChangedByJson<Gives<Schema>>, " and ">}, which JSON would change on its way: send text or a number, and turn it back in the input schema of the next executor`;
