import { isWorkflowError } from "../../errors.ts";
import type { HubEnvironment } from "./environment.ts";
import type { HistoryCache } from "./history-cache.ts";
import type { HubState } from "./hub-state.ts";
import type { Instance } from "./instance.ts";
import type { HubLog } from "./task-hub.ts";

export interface QuarantineParts {
  readonly environment: HubEnvironment;
  readonly state: HubState;
  readonly cache: HistoryCache;
  readonly log: HubLog;
  readonly wake: (instance: Instance) => void;
  /** Resolves when nothing waits to be written. */
  readonly settled: () => Promise<void>;
}

const FIRST_RETRY_MS = 100;
/** How often an episode is tried that the hub itself cannot run. */
const MOST_TRIES = 5;

/**
 * Instances whose episodes the hub itself could not run. Such an instance is read from the disk again and tried anew, a
 * few times; then it is put aside, and its status says so.
 */
export class Quarantine {
  readonly #parts: QuarantineParts;
  #isStopped = false;

  constructor(parts: QuarantineParts) {
    this.#parts = parts;
  }

  couldNotRun({ row: { instanceId }, failedTries }: Instance, error: unknown): void {
    const { environment, log } = this.#parts;
    const tries = failedTries + 1;
    const reason = error instanceof Error ? error.message : String(error);
    if (tries < MOST_TRIES && !(isWorkflowError(error) && error.code === "HISTORY_DAMAGED")) {
      environment.after(FIRST_RETRY_MS * 2 ** failedTries, () => void this.#takeUpAgain(instanceId, tries, null));
      return;
    }
    const stack = error instanceof Error ? (error.stack ?? reason) : reason;
    log("error", `Instance "${instanceId}" stands still until the next start, after ${tries} tries: ${stack}`);
    void this.#takeUpAgain(instanceId, tries, reason);
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #takeUpAgain(instanceId: string, failedTries: number, quarantine: string | null): Promise<void> {
    const { state, cache, log, wake, settled } = this.#parts;
    // What the disk holds counts only when nothing waits to be written.
    await settled();
    if (this.#isStopped) return;
    try {
      const outdated = state.reload(instanceId);
      if (outdated) cache.forget(outdated);
    } catch (error) {
      log("error", `Instance "${instanceId}" stands still until the next start: ${error}`);
    }
    const instance = state.open(instanceId);
    if (!instance) return;
    instance.failedTries = failedTries;
    instance.quarantine = quarantine;
    wake(instance);
  }
}
