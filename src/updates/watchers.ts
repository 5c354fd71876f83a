import type { LiveUpdates } from "../engine/invoke/environment.ts";
import type { LiveUpdate } from "../wire/live-update.ts";

/** Those who watch runs of one runner in this process. */
export class Watchers implements LiveUpdates {
  readonly #feeds = new Map<string, Set<Feed>>();

  isWatched(runId: string): boolean {
    return this.#feeds.has(runId);
  }

  send(update: LiveUpdate): void {
    for (const feed of this.#feeds.get(update.runId) ?? []) feed.add(update);
  }

  /** Everything the calls of a run tell from now on. */
  watch(runId: string): Feed {
    const feeds = this.#feeds.get(runId) ?? new Set();
    const feed = new Feed(() => {
      feeds.delete(feed);
      if (feeds.size === 0) this.#feeds.delete(runId);
    });
    this.#feeds.set(runId, feeds.add(feed));
    return feed;
  }
}

/** What one watcher has not taken yet. */
export class Feed {
  #updates: LiveUpdate[] = [];
  #wake: () => void = () => {};
  /** Takes it off the list of watchers; what comes from then on is not kept. */
  readonly close: () => void;

  constructor(close: () => void) {
    this.close = close;
  }

  add(update: LiveUpdate): void {
    this.#updates.push(update);
    this.#wake();
  }

  take(): LiveUpdate[] {
    const taken = this.#updates;
    this.#updates = [];
    return taken;
  }

  /** Resolves when there is something to take, or when `end` does; at once where that is so already. */
  async next(end: Promise<unknown>): Promise<void> {
    if (this.#updates.length > 0) return;
    const added = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([added, end]);
  }
}
