/** A process in which nothing that a replay may not depend on is as it was when the history was made. */
export interface OtherWorld {
  readonly name: string;
  readonly timeZone: string;
  /** What the clock says, and what chance gives: a lie, or an error for whoever asks. */
  readonly nowMs: () => number;
  readonly random: () => number;
}

export const WORLDS: readonly OtherWorld[] = [
  {
    name: "a clock that throws, in Auckland",
    timeZone: "Pacific/Auckland",
    nowMs: () => refuse("the clock"),
    random: () => refuse("chance"),
  },
  {
    name: "a clock years behind, in Honolulu",
    timeZone: "Pacific/Honolulu",
    nowMs: () => Date.UTC(1999, 11, 31, 23, 59),
    random: () => 0.999,
  },
];

function refuse(what: string): never {
  throw new Error(`An orchestrator asked for ${what}.`);
}

/**
 * Does something in another world. The SDK makes dates from texts and numbers (protocol: times of history events and timers),
 * which is let through; it asks for no time of its own while it replays.
 */
export async function inOtherWorld<Result>(world: OtherWorld, use: () => Promise<Result>): Promise<Result> {
  const { Date: RealDate, performance } = globalThis;
  const { random } = Math;
  const { now } = performance;
  const { randomUUID, getRandomValues } = crypto;
  const { TZ } = process.env;
  const chance = () => world.random() as never;
  class OtherDate extends RealDate {
    constructor(...parts: readonly unknown[]) {
      // Nobody may ask for now; a date from parts is what it is.
      super(...((parts.length === 0 ? [world.nowMs()] : parts) as []));
    }
    static override now(): number {
      return world.nowMs();
    }
  }
  process.env.TZ = world.timeZone;
  globalThis.Date = OtherDate as DateConstructor;
  Math.random = world.random;
  Object.assign(performance, { now: world.nowMs });
  Object.assign(crypto, { randomUUID: chance, getRandomValues: chance });
  try {
    return await use();
  } finally {
    globalThis.Date = RealDate;
    Math.random = random;
    Object.assign(performance, { now });
    Object.assign(crypto, { randomUUID, getRandomValues });
    if (TZ === undefined) delete process.env.TZ;
    else process.env.TZ = TZ;
  }
}
