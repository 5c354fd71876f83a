import { WorkflowError } from "../errors.ts";

/** Levels of lists and objects in a body. */
export const MAX_DEPTH = 64;
/** Values in a body: lists, objects, and what they hold. */
export const MAX_VALUES = 100_000;

/** As many digits as JavaScript can write a number with. */
const MAX_DIGITS = 100;

/** A list or an object that is being read; the keys of an object so far. */
interface Level {
  readonly keys: Set<string> | null;
}

const WHITE_SPACE = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these in a string
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

/**
 * Refuses JSON text that systems read in different ways, or that is made to exhaust them, before anything parses it:
 * too many levels or values, a key that stands twice, `__proto__`, a number that JavaScript would change.
 *
 * @throws {WorkflowError} `BODY_TOO_DEEP`, `BODY_NOT_JSON`
 * @see RFC 8259, section 4 (names should be unique) and section 6 (numbers outside double precision)
 */
export function scanJson(text: string): void {
  new JsonScanner(text).scan();
}

/** Reads a text once from left to right. Its levels are a list of its own, so that depth costs no stack. */
class JsonScanner {
  readonly #text: string;
  readonly #levels: Level[] = [];
  #position = 0;
  #values = 0;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): void {
    do {
      const isOpen = this.#readValue();
      if (!isOpen) this.#closeWhatEnds();
    } while (this.#levels.length > 0);
    this.#take(WHITE_SPACE);
    if (this.#position < this.#text.length) throw this.#broken();
  }

  /** @returns true for a list or an object that holds something: its first value comes next */
  #readValue(): boolean {
    if (++this.#values > MAX_VALUES) throw tooDeep(`more than ${MAX_VALUES.toLocaleString("en")} values`);
    if (this.#skip("{")) return this.#open(new Set());
    if (this.#skip("[")) return this.#open(null);
    const number = this.#take(NUMBER);
    if (number !== undefined) checkNumber(number);
    else if (this.#take(STRING) === undefined && this.#take(WORD) === undefined) throw this.#broken();
    return false;
  }

  #open(keys: Set<string> | null): boolean {
    if (this.#levels.length === MAX_DEPTH) throw tooDeep(`more than ${MAX_DEPTH} levels`);
    if (this.#skip(keys ? "}" : "]")) return false;
    this.#levels.push({ keys });
    if (keys) this.#readKey(keys);
    return true;
  }

  /** Goes on behind a value: to the next one of the same level, or out of every level that ends here. */
  #closeWhatEnds(): void {
    for (let level = this.#levels.at(-1); level; level = this.#levels.at(-1)) {
      if (this.#skip(",")) {
        if (level.keys) this.#readKey(level.keys);
        return;
      }
      if (!this.#skip(level.keys ? "}" : "]")) throw this.#broken();
      this.#levels.pop();
    }
  }

  #readKey(keys: Set<string>): void {
    this.#take(WHITE_SPACE);
    const token = this.#take(STRING);
    if (token === undefined) throw this.#broken();
    const key: string = JSON.parse(token);
    if (key === "__proto__") throw notJson('it has the key "__proto__", which is reserved');
    if (keys.has(key)) throw notJson(`the key ${token.slice(0, 100)} stands twice in one object`);
    keys.add(key);
    if (!this.#skip(":")) throw this.#broken();
  }

  #skip(character: string): boolean {
    this.#take(WHITE_SPACE);
    if (this.#text[this.#position] !== character) return false;
    this.#position++;
    return true;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    this.#position += found?.length ?? 0;
    return found;
  }

  #broken(): WorkflowError {
    return notJson(`it breaks off or goes wrong at character ${this.#position}`);
  }
}

/**
 * A number has to read the same when JavaScript writes it back with as many digits as it came with. So `0.1` is fine, and
 * what other systems write for that very same number, `0.10000000000000001`; `9007199254740993.0` is not.
 */
function checkNumber(token: string): void {
  const number = Number(token);
  if (!Number.isFinite(number)) throw notJson(`the number ${token.slice(0, 40)} is too large`);
  const digits = digitsOf(token);
  const isSame =
    digits === ""
      ? number === 0
      : digits.length <= MAX_DIGITS && digits === digitsOf(number.toPrecision(digits.length));
  if (!isSame) throw notJson(`the number ${token.slice(0, 40)} would be read as ${number}`);
}

/** The digits of a number from the first one to the last one that is not zero; where its point stands does not matter here. */
function digitsOf(token: string): string {
  const [mantissa = ""] = token.split(/[eE]/, 1);
  return mantissa.replace(/[-.]/g, "").replace(/^0+|(?<!0)0+$/g, "");
}

function notJson(reason: string): WorkflowError {
  return new WorkflowError(
    "BODY_NOT_JSON",
    `The body is not JSON that every system reads alike: ${reason}.`,
    "Correct the body; send a number with more digits as text.",
  );
}

function tooDeep(reason: string): WorkflowError {
  return new WorkflowError("BODY_TOO_DEEP", `The JSON body has ${reason}.`, "Send a flatter or a smaller value.");
}
