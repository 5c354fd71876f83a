/** Type helpers that put types into words. The compiler reads them only once something is wrong. */

/** One member of a union, the same one each time: a union of functions is read as overloads, and the last one wins. */
type OneOf<Union> = (Union extends unknown ? (pick: (member: Union) => void) => void : never) extends (
  pick: infer Picks,
) => void
  ? Picks extends (member: infer Member) => void
    ? Member
    : never
  : never;

/** The members of a union of texts as one text: `A`, `A and B`, `A and B and C`. */
export type Joined<Union extends string, Between extends string> = [Union] extends [never]
  ? ""
  : OneOf<Union> extends infer Last extends Union
    ? [Exclude<Union, Last>] extends [never]
      ? Last
      : `${Joined<Exclude<Union, Last>, Between>}${Between}${Last}`
    : never;

/** What kind of value a type is, in the words of the sentences. */
export type KindOf<Value> = unknown extends Value ? "anything" : KindOfMember<Value>;

type KindOfMember<Value> = Value extends string
  ? "text"
  : Value extends number
    ? "a number"
    : Value extends boolean
      ? "true or false"
      : Value extends null
        ? "null"
        : Value extends readonly unknown[]
          ? number extends Value["length"]
            ? "a list"
            : `a list of ${Value["length"]}`
          : Value extends object
            ? "an object"
            : "another value";
