import type { LiveUpdate } from "../wire/live-update.ts";
import type { EndedCall, UpdateChannel, UpdatePage } from "./update-channel.ts";

/** How long an update is kept for readers who come back, or come late. */
const KEEP_MS = 60_000;
/** How many are kept of one run: of a model that talks fast, about a minute. */
const KEEP_UPDATES = 5_000;

interface Kept {
  readonly place: number;
  readonly atMs: number;
  readonly update: LiveUpdate;
  /** Its call has ended: a new reader needs nothing of it. */
  isOver: boolean;
}

/** What is kept of one run. */
interface Shelf {
  kept: Kept[];
  /** Calls that ended a moment ago, and when: a handler that was given up may still talk. The one that ended last is at the end. */
  readonly ended: Map<string, number>;
  readonly waiting: Set<() => void>;
}

/** A channel within this process. Somebody may begin to read at any time, so every run counts as watched. */
export function createMemoryChannel(
  nowMs: () => number = () => Date.now(),
  name: string = Math.random().toString(36).slice(2),
): UpdateChannel {
  return new MemoryChannel(nowMs, name);
}

class MemoryChannel implements UpdateChannel {
  readonly #nowMs: () => number;
  /** Part of each position: those of an earlier process mean nothing here. */
  readonly #name: string;
  /** By run; the one that got an update last is at the end. */
  readonly #shelves = new Map<string, Shelf>();
  #place = 0;

  constructor(nowMs: () => number, name: string) {
    this.#nowMs = nowMs;
    this.#name = name;
  }

  isWatched(): boolean {
    return true;
  }

  send(update: LiveUpdate): void {
    const shelf = this.#shelfOf(update.runId);
    const atMs = this.#nowMs();
    this.#place += 1;
    shelf.kept.push({ place: this.#place, atMs, update, isOver: shelf.ended.has(nameOf(update)) });
    if (shelf.kept.length > KEEP_UPDATES) shelf.kept.shift();
    this.#shelves.delete(update.runId);
    this.#shelves.set(update.runId, shelf);
    this.#clear(atMs);
    for (const wake of [...shelf.waiting]) wake();
  }

  ended(call: EndedCall): void {
    const shelf = this.#shelves.get(call.runId);
    if (!shelf) return;
    const [name, atMs] = [nameOf(call), this.#nowMs()];
    for (const kept of shelf.kept) kept.isOver ||= nameOf(kept.update) === name;
    for (const [earlier, endedAtMs] of shelf.ended) {
      if (endedAtMs > atMs - KEEP_MS) break;
      shelf.ended.delete(earlier);
    }
    // A map keeps the place of a name that it knows.
    shelf.ended.delete(name);
    shelf.ended.set(name, atMs);
  }

  async read(runId: string, after: string | undefined, signal: AbortSignal): Promise<UpdatePage> {
    const from = this.#placeIn(after);
    const page = this.#page(runId, from);
    if (page.updates.length > 0 || signal.aborted) return page;
    const here = this.#place;
    await this.#next(runId, signal);
    return this.#page(runId, here);
  }

  #page(runId: string, from: number | undefined): UpdatePage {
    const kept = this.#shelves.get(runId)?.kept ?? [];
    const wanted = kept.filter(({ place, isOver }) => (from === undefined ? !isOver : place > from));
    return { updates: wanted.map(({ update }) => update), position: `${this.#name}-${this.#place}` };
  }

  #placeIn(position: string | undefined): number | undefined {
    if (!position?.startsWith(`${this.#name}-`)) return undefined;
    return Number(position.slice(this.#name.length + 1));
  }

  /** Resolves at the next update of the run, or when the reader gives up. */
  #next(runId: string, signal: AbortSignal): Promise<void> {
    const shelf = this.#shelfOf(runId);
    return new Promise((resolve) => {
      const done = () => {
        shelf.waiting.delete(done);
        signal.removeEventListener("abort", done);
        if (shelf.waiting.size === 0 && shelf.kept.length === 0) this.#shelves.delete(runId);
        resolve();
      };
      shelf.waiting.add(done);
      signal.addEventListener("abort", done);
    });
  }

  #shelfOf(runId: string): Shelf {
    const shelf = this.#shelves.get(runId) ?? { kept: [], ended: new Map(), waiting: new Set() };
    this.#shelves.set(runId, shelf);
    return shelf;
  }

  /** Forgets what nobody will ask for any more: the runs in front have been silent for the longest time. */
  #clear(nowMs: number): void {
    for (const [runId, { kept, waiting }] of this.#shelves) {
      const last = kept.at(-1);
      if (last && last.atMs > nowMs - KEEP_MS) return;
      if (waiting.size > 0) continue;
      this.#shelves.delete(runId);
    }
  }
}

/** One attempt at a call: the next one is told of anew. */
function nameOf({ callKey, attempt }: Pick<EndedCall, "callKey" | "attempt">): string {
  return `${callKey}#${attempt}`;
}
