interface WorkRow {
  readonly key: number;
  readonly seq: number;
}

/** Rows of work by sequence number, and which of them belong to an instance. */
export class WorkRows<Row extends WorkRow> {
  readonly #rows = new Map<number, Row>();
  readonly #byKey = new Map<number, Set<number>>();

  get size(): number {
    return this.#rows.size;
  }

  add(row: Row): void {
    this.#rows.set(row.seq, row);
    const seqs = this.#byKey.get(row.key);
    if (seqs) seqs.add(row.seq);
    else this.#byKey.set(row.key, new Set([row.seq]));
  }

  has(seq: number): boolean {
    return this.#rows.has(seq);
  }

  /** @returns whether it was there */
  remove(seq: number): boolean {
    const row = this.#rows.get(seq);
    if (!row) return false;
    this.#rows.delete(seq);
    const seqs = this.#byKey.get(row.key);
    seqs?.delete(seq);
    if (seqs?.size === 0) this.#byKey.delete(row.key);
    return true;
  }

  all(): Row[] {
    return [...this.#rows.values()];
  }

  /** Sequence numbers of an instance's rows. */
  of(key: number): number[] {
    return [...(this.#byKey.get(key) ?? [])];
  }
}
