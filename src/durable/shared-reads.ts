/** How long a reading is kept, from when it began: as long as this process remembers the answers it raised. */
const KEPT_MS = 1_000;

interface Reading<Value> {
  readonly value: Promise<Value>;
  isUnderWay: boolean;
}

/** Readings of this process that began a moment ago, by what is read: whoever wants the same may share one. */
export class SharedReads<Value> {
  readonly #recent = new Map<string, Reading<Value>>();

  /** A reading that has begun already; it gives undefined when it fails. */
  underWay(key: string): Promise<Value | undefined> | undefined {
    const reading = this.#recent.get(key);
    return reading?.isUnderWay ? reading.value.catch(() => undefined) : undefined;
  }

  /** As {@link underWay}, also when it has come to its end meanwhile: one second old at most. */
  recent(key: string): Promise<Value | undefined> | undefined {
    return this.#recent.get(key)?.value.catch(() => undefined);
  }

  /** Begins a reading, to be shared from now on. */
  async begin(key: string, read: () => Promise<Value>): Promise<Value> {
    const reading = { value: read(), isUnderWay: true };
    this.#recent.set(key, reading);
    const forget = () => {
      if (this.#recent.get(key) === reading) this.#recent.delete(key);
    };
    const timer = setTimeout(forget, KEPT_MS).unref();
    try {
      return await reading.value;
    } catch (error) {
      clearTimeout(timer);
      forget();
      throw error;
    } finally {
      reading.isUnderWay = false;
    }
  }
}
