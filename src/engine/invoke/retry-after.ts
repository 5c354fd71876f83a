import { read } from "./thrown.ts";

/** A server may ask for any time; what asks for more than a day is called once a day. */
const MAX_RETRY_AFTER_MS = 24 * 60 * 60 * 1_000;
const MAX_CAUSES = 4;

/** Asked only where a date has to be told from now. */
interface Now {
  nowMs(): number;
}

/**
 * How long an error asks to be left alone: its `retryAfterMs`, its `retryAfter` (seconds, or an HTTP date), or the headers
 * `retry-after-ms` and `retry-after` of the answer it carries, where fetch clients put them: `headers`, `responseHeaders`,
 * `response.headers`; else what its causes ask for.
 *
 * @returns milliseconds from now, at most one day; undefined when it asks for nothing that can be read
 * @see RFC 9110, 10.2.3 Retry-After
 */
export function retryAfterMsOf(thrown: unknown, clock: Now): number | undefined {
  try {
    return askedByAny(thrown, clock);
  } catch {
    return undefined; // a thrown object that refuses to be read asks for nothing
  }
}

function askedByAny(thrown: unknown, clock: Now): number | undefined {
  let error = thrown;
  for (let depth = 0; depth < MAX_CAUSES && error !== undefined; depth++) {
    const askedMs = askedBy(error, clock);
    if (askedMs !== undefined) return Math.min(askedMs, MAX_RETRY_AFTER_MS);
    error = read(error, "cause");
  }
  return undefined;
}

function askedBy(error: unknown, clock: Now): number | undefined {
  const own = milliseconds(read(error, "retryAfterMs")) ?? secondsOrDate(read(error, "retryAfter"), clock);
  if (own !== undefined) return own;
  const carriers = [read(error, "headers"), read(error, "responseHeaders"), read(read(error, "response"), "headers")];
  for (const headers of carriers) {
    const asked =
      milliseconds(header(headers, "retry-after-ms")) ?? secondsOrDate(header(headers, "retry-after"), clock);
    if (asked !== undefined) return asked;
  }
  return undefined;
}

/** A header from a `Headers` object, or from a plain object with names in any case. */
function header(headers: unknown, name: string): unknown {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  if (typeof headers !== "object" || headers === null) return undefined;
  const key = Object.keys(headers).find((one) => one.toLowerCase() === name);
  return key === undefined ? undefined : read(headers, key);
}

function milliseconds(value: unknown): number | undefined {
  const isText = typeof value === "string" && value.trim() !== "";
  const number = isText ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && number >= 0 ? number : undefined;
}

function secondsOrDate(value: unknown, clock: Now): number | undefined {
  const seconds = milliseconds(value);
  if (seconds !== undefined) return seconds * 1_000;
  const atMs = typeof value === "string" ? Date.parse(value) : value instanceof Date ? value.getTime() : Number.NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - clock.nowMs());
}
