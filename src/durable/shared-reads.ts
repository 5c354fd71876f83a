/** Readings that are under way in this process, by what is read: whoever wants the same meanwhile may share one. */
export class SharedReads<Value> {
  readonly #underWay = new Map<string, Promise<Value>>();

  /** A reading that has begun already; it gives undefined when it fails. */
  underWay(key: string): Promise<Value | undefined> | undefined {
    return this.#underWay.get(key)?.catch(() => undefined);
  }

  /** Begins a reading, to be shared from now on. */
  async begin(key: string, read: () => Promise<Value>): Promise<Value> {
    const reading = read();
    this.#underWay.set(key, reading);
    try {
      return await reading;
    } finally {
      if (this.#underWay.get(key) === reading) this.#underWay.delete(key);
    }
  }
}
