import type { ActivityRow } from "../store/history-store.ts";
import type { HubEnvironment } from "./environment.ts";
import type { FunctionInvoker, InvocationResult } from "./task-hub.ts";
import { WorkRows } from "./work-rows.ts";

export interface ActivityPoolOptions {
  readonly concurrency: number;
  readonly soon: HubEnvironment["soon"];
  readonly finished: (row: ActivityRow, result: InvocationResult) => void;
}

/** Activities that never wait for anything would keep the event loop for themselves: so many start in one turn. */
const STARTS_PER_TURN = 250;
/** How long the part of the queue that was started already may grow before it is cut off. */
const LONGEST_TAKEN_PART = 10_000;

/**
 * Calls activities, in the order of their scheduling and no more than `concurrency` at once. A row is known here from
 * its scheduling until its outcome is on disk; it is called only after {@link release}, when the scheduling is on disk.
 */
export class ActivityPool {
  readonly #options: ActivityPoolOptions;
  readonly #rows = new WorkRows<ActivityRow>();
  #invoker: FunctionInvoker | null = null;
  #queue: ActivityRow[] = [];
  #taken = 0;
  #running = 0;
  #startsLeft = STARTS_PER_TURN;
  #mayBegin = true;
  #isStopped = false;

  constructor(options: ActivityPoolOptions) {
    this.#options = options;
  }

  begin(invoker: FunctionInvoker): void {
    this.#invoker = invoker;
  }

  /** Only remembers it. */
  add(row: ActivityRow): void {
    this.#rows.add(row);
  }

  release(rows: readonly ActivityRow[]): void {
    this.#queue.push(...rows);
    this.#pump();
  }

  /** Forgets it: its outcome is on disk, or nobody wants it. One that runs already is not stopped. */
  remove(seq: number): void {
    this.#rows.remove(seq);
  }

  /** On disk, and not called yet. */
  get waitingCount(): number {
    return this.#queue.length - this.#taken;
  }

  isWanted(seq: number): boolean {
    return this.#rows.has(seq);
  }

  /** Sequence numbers of an instance's activities. */
  of(key: number): number[] {
    return this.#rows.of(key);
  }

  /** Calls no more; the outcomes of those in flight are told. */
  beginNoMore(): void {
    this.#mayBegin = false;
  }

  /** The outcomes of those in flight are not told either. */
  stop(): void {
    this.#isStopped = true;
  }

  #pump(): void {
    while (this.#running < this.#options.concurrency && this.#startsLeft > 0 && this.#mayBegin) {
      const row = this.#next();
      if (!row) return;
      if (this.isWanted(row.seq)) this.#start(row);
    }
  }

  #next(): ActivityRow | undefined {
    if (this.#taken === this.#queue.length || this.#taken > LONGEST_TAKEN_PART) {
      this.#queue = this.#queue.slice(this.#taken);
      this.#taken = 0;
    }
    const row = this.#queue[this.#taken];
    if (row) this.#taken += 1;
    return row;
  }

  #start(row: ActivityRow): void {
    if (this.#startsLeft === STARTS_PER_TURN) {
      this.#options.soon(() => {
        this.#startsLeft = STARTS_PER_TURN;
        this.#pump();
      });
    }
    this.#startsLeft -= 1;
    this.#running += 1;
    void this.#call(row);
  }

  async #call(row: ActivityRow): Promise<void> {
    const result = await this.#invoke(row);
    this.#running -= 1;
    if (this.#isStopped) return;
    this.#options.finished(row, result);
    this.#pump();
  }

  async #invoke({ name, inputJson, instanceId }: ActivityRow): Promise<InvocationResult> {
    const invoker = this.#invoker as FunctionInvoker;
    if (!invoker.hasFunction("activity", name)) {
      return { ok: false, message: `There is no activity function '${name}' in this app.`, stack: "" };
    }
    try {
      return await invoker.invokeActivity(name, inputJson, instanceId);
    } catch (error) {
      const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
      return { ok: false, message, stack };
    }
  }
}
