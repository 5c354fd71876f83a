import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { HostKeys } from "../host-keys.ts";
import type { Answer } from "./answer.ts";
import { queryOf } from "./query.ts";

/** Who is asked for a key, as the Functions host has it: `function` takes three kinds, `admin` only the master key. */
export type Door =
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "admin" }
  /** An extension's own API, with a key of its own. */
  | { readonly kind: "system"; readonly key: string };

export interface Access {
  /** False: only the extensions' own APIs ask. */
  readonly checksKeys: boolean;
  /** Null for a caller who may pass; else the answer, which can take its time. */
  refusal(request: IncomingMessage, target: string, door: Door): Promise<Answer> | null;
}

/** So many wrong keys an address may show in a minute before each answer is held back. */
const FREE_TRIES = 10;
const TRIES_WINDOW_MS = 60_000;
const DELAY_MS = 1_000;
/** Addresses remembered: one caller can have very many of IPv6. */
const MOST_ADDRESSES = 10_000;

export interface AccessOptions {
  /** Null: as under Core Tools, nobody is asked for a key, except by the extensions' own API. */
  readonly keys: HostKeys | null;
  readonly nowMs?: () => number;
  readonly delay?: (timeMs: number) => Promise<void>;
}

export function createAccess({ keys, nowMs = Date.now, delay = sleep }: AccessOptions): Access {
  const tries = new Map<string, { count: number; sinceMs: number }>();

  function accepted(door: Door): readonly string[] | null {
    if (door.kind === "system") return keys ? [door.key, keys.master] : [door.key];
    if (!keys) return null;
    if (door.kind === "admin") return [keys.master];
    return [keys.functions[door.name.toLowerCase()] ?? keys.host, keys.host, keys.master];
  }

  function countFailure(address: string): number {
    const seen = tries.get(address);
    const isOver = !seen || nowMs() - seen.sinceMs > TRIES_WINDOW_MS;
    const now = isOver ? { count: 1, sinceMs: nowMs() } : { ...seen, count: seen.count + 1 };
    if (isOver && tries.size >= MOST_ADDRESSES) tries.clear();
    tries.set(address, now);
    return now.count;
  }

  async function unauthorized(address: string): Promise<Answer> {
    if (countFailure(address) > FREE_TRIES) await delay(DELAY_MS);
    return { status: 401 };
  }

  return {
    checksKeys: keys !== null,
    refusal(request, target, door) {
      const good = accepted(door);
      if (good === null) return null;
      const shown = shownKey(request, target);
      // All are compared: which one fits, and where the others differ, takes the same time.
      const fits = shown !== null && good.map((key) => isSameKey(shown, key)).includes(true);
      return fits ? null : unauthorized(request.socket.remoteAddress ?? "");
    },
  };
}

/** The header wins over the query. */
function shownKey({ headers }: IncomingMessage, target: string): string | null {
  const header = headers["x-functions-key"];
  if (typeof header === "string") return header;
  return queryOf(target).get("code");
}

/** Takes the same time wherever the two differ, and however long they are. */
export function isSameKey(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function sleep(timeMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, timeMs).unref();
  });
}
