import type { HubEnvironment } from "./environment.ts";

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

/**
 * The time in which the disk refuses to write. What the hub knows of its own (outcomes of activities, due timers) and
 * could not write is kept here, as the calls that will try again.
 */
export class Outage {
  readonly #after: HubEnvironment["after"];
  readonly #over: () => void;
  #kept: (() => void)[] = [];
  #isOn = false;
  #retryMs = FIRST_RETRY_MS;
  #cancelRetry: () => void = () => {};

  /** @param over - the disk is worth another try; what was kept is to be {@link takeKept | taken} then */
  constructor(after: HubEnvironment["after"], over: () => void) {
    this.#after = after;
    this.#over = over;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  keep(again: () => void): void {
    this.#kept.push(again);
  }

  /** For the transitions of one batch, which are told of its failure the latest first. */
  keepBeforeOthers(again: () => void): void {
    this.#kept.unshift(again);
  }

  takeKept(): (() => void)[] {
    const kept = this.#kept;
    this.#kept = [];
    return kept;
  }

  refused(): void {
    this.#isOn = true;
    this.#cancelRetry();
    this.#cancelRetry = this.#after(this.#retryMs, () => this.#end());
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }

  written(): void {
    this.#retryMs = FIRST_RETRY_MS;
    if (this.#isOn) this.#end();
  }

  /** There will be no other try by itself. */
  stop(): void {
    this.#isOn = false;
    this.#cancelRetry();
  }

  #end(): void {
    this.stop();
    this.#over();
  }
}
