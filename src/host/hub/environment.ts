import { randomBytes } from "node:crypto";

/** Everything of the outside that the hub uses besides its store: a test or a simulation brings its own. */
export interface HubEnvironment {
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** A new id of 32 hex digits. */
  readonly newId: () => string;
  /** Runs `work` in a later turn of the event loop, in the order of the calls; promises settle in between. */
  readonly soon: (work: () => void) => void;
  /** Runs `work` after `delayMs`; the function that comes back cancels it. */
  readonly after: (delayMs: number, work: () => void) => () => void;
}

/** Node takes longer delays for 1 ms. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export const systemEnvironment: HubEnvironment = {
  nowMs: () => Date.now(),
  newId: () => randomBytes(16).toString("hex"),
  soon: (work) => {
    setImmediate(work);
  },
  after: (delayMs, work) => {
    const timeout = setTimeout(work, Math.min(delayMs, LONGEST_DELAY_MS));
    return () => clearTimeout(timeout);
  },
};
