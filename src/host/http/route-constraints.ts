export type Constraint = (value: string) => boolean;

const INTEGER = /^\s*[+-]?\d+\s*$/;
const DECIMAL = /^\s*[+-]?(\d[\d,]*\.?\d*|\.\d+)\s*$/;
const FLOAT = /^\s*([+-]?(\d[\d,]*\.?\d*|\.\d+)(e[+-]?\d+)?|NaN|[+-]?(Infinity|∞))\s*$/i;
const GUID = /^(\{[0-9a-f-]{36}\}|\([0-9a-f-]{36}\)|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})$/i;
/** A date in the invariant culture: ISO, or month/day/year; `Date.parse` alone takes nearly anything with a digit. */
const DATE =
  /^\s*(\d{4}-\d{1,2}(-\d{1,2})?|\d{1,2}\/\d{1,2}\/\d{4})([T\s]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*([AP]M)?)?\s*(Z|[+-]\d{2}:?\d{2})?\s*$/i;
const INT_RANGE = [-(2n ** 31n), 2n ** 31n - 1n] as const;
const LONG_RANGE = [-(2n ** 63n), 2n ** 63n - 1n] as const;

const WITHOUT_ARGUMENT: Readonly<Record<string, Constraint>> = {
  int: (value) => isIntegerIn(value, INT_RANGE),
  long: (value) => isIntegerIn(value, LONG_RANGE),
  bool: (value) => /^\s*(true|false)\s*$/i.test(value),
  guid: (value) => GUID.test(value),
  alpha: (value) => /^[a-z]*$/i.test(value),
  datetime: (value) => DATE.test(value) && !Number.isNaN(Date.parse(value)),
  decimal: (value) => DECIMAL.test(value),
  double: (value) => FLOAT.test(value),
  float: (value) => FLOAT.test(value),
  required: (value) => value !== "",
  file: (value) => isFileName(value),
  nonfile: (value) => !isFileName(value),
};

const WITH_NUMBERS: Readonly<Record<string, (value: string, ...numbers: readonly bigint[]) => boolean>> = {
  length: (value, least = 0n, most = least) => value.length >= least && value.length <= most,
  minlength: (value, least = 0n) => value.length >= least,
  maxlength: (value, most = 0n) => value.length <= most,
  min: (value, least = 0n) => isIntegerIn(value, [least, LONG_RANGE[1]]),
  max: (value, most = 0n) => isIntegerIn(value, [LONG_RANGE[0], most]),
  range: (value, least = 0n, most = 0n) => isIntegerIn(value, [least, most]),
};

const NUMBERS_OF: Readonly<Record<string, readonly number[]>> = {
  length: [1, 2],
  minlength: [1],
  maxlength: [1],
  min: [1],
  max: [1],
  range: [2],
};

/**
 * @param text - as it stands in a template after the colon: `int`, `range(1,9)`, `regex(^a+$)`
 * @throws {Error} with one sentence when there is no such constraint
 */
export function createConstraint(text: string): Constraint {
  const [, rawName = text, argument] = /^([^(]*)\(([\s\S]*)\)$/.exec(text) ?? [];
  const name = rawName.toLowerCase();
  if (name === "regex" && argument !== undefined) return matching(argument);
  const plain = WITHOUT_ARGUMENT[name];
  if (plain && argument === undefined) return plain;
  const numeric = WITH_NUMBERS[name];
  if (!numeric || argument === undefined) throw new Error(`There is no constraint "${text}".`);
  const numbers = argument.split(",").map((one) => toInteger(one, text));
  if (!NUMBERS_OF[name]?.includes(numbers.length)) throw new Error(`Constraint "${text}" has the wrong arguments.`);
  return (value) => numeric(value, ...numbers);
}

function matching(source: string): Constraint {
  const pattern = new RegExp(source, "i");
  return (value) => pattern.test(value);
}

function toInteger(text: string, constraint: string): bigint {
  if (!INTEGER.test(text)) throw new Error(`Constraint "${constraint}" needs whole numbers.`);
  return BigInt(text.trim().replace(/^\+/, ""));
}

function isIntegerIn(value: string, [least, most]: readonly [bigint, bigint]): boolean {
  if (!INTEGER.test(value)) return false;
  const number = BigInt(value.trim().replace(/^\+/, ""));
  return number >= least && number <= most;
}

/** ASP.NET's rule: the last segment has a dot with something after it. */
function isFileName(value: string): boolean {
  const last = value.slice(value.lastIndexOf("/") + 1);
  const dot = last.indexOf(".");
  return dot !== -1 && dot < last.length - 1;
}
