import type { Cancel } from "./mail.ts";

/** How long a stopped run is remembered: a call of it that was scheduled before may begin only now. */
const REMEMBERED_MS = 60_000;

/** One call of an executor that is under way in this process. */
export class RunningCall {
  readonly #abort = new AbortController();
  #cancel: Cancel | undefined;
  #giveUp = () => {};
  /** Resolves one turn of the event loop after the call was stopped: nobody waits any longer for its handler. */
  readonly givenUp = new Promise<void>((resolve) => {
    this.#giveUp = resolve;
  });

  /** What the handler sees. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The cancel that stopped the call; undefined when something else did, or nothing. */
  get cancel(): Cancel | undefined {
    return this.#cancel;
  }

  /** Aborts the handler. One that stops at its signal still answers for itself. */
  stop(cancel?: Cancel): void {
    if (this.#abort.signal.aborted) return;
    this.#cancel = cancel;
    this.#abort.abort();
    setImmediate(this.#giveUp);
  }
}

/**
 * The calls that this process has under way, by run. A host cannot stop an activity, but a cancel that comes through the
 * same process can: on the local host that is every cancel.
 */
export class RunningCalls {
  readonly #byRun = new Map<string, Set<RunningCall>>();
  readonly #stopped = new Set<string>();

  begin(runId: string): RunningCall {
    const call = new RunningCall();
    const calls = this.#byRun.get(runId);
    if (calls) calls.add(call);
    else this.#byRun.set(runId, new Set([call]));
    return call;
  }

  end(runId: string, call: RunningCall): void {
    const calls = this.#byRun.get(runId);
    calls?.delete(call);
    if (calls?.size === 0) this.#byRun.delete(runId);
  }

  stop(runId: string, cancel: Cancel): void {
    for (const call of this.#byRun.get(runId) ?? []) call.stop(cancel);
    this.#stopped.add(runId);
    setTimeout(() => this.#stopped.delete(runId), REMEMBERED_MS).unref();
  }

  /** Whether a run of this id was stopped a moment ago; it may be another run by now. */
  wasStopped(runId: string): boolean {
    return this.#stopped.has(runId);
  }
}

/** Those of this process. */
export const runningCalls = new RunningCalls();
