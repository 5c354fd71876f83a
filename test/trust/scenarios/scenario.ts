import type { Wish } from "../support/user.ts";

/** A small story of users and a hub, which has to end the same whatever happens to the hub on the way. */
export interface Scenario {
  readonly name: string;
  readonly wishes: readonly Wish[];
  /** How each instance ends: its status and its output, or `gone`. */
  readonly ends: Readonly<Record<string, string>>;
  /** What durable entities hold in the end, by `name/key`. */
  readonly entities?: Readonly<Record<string, string>>;
  /** Instances whose earlier history is gone on purpose. */
  readonly cutShort?: readonly string[];
  /** How far the clock goes between two looks of the user; 1.5 s. */
  readonly lookMs?: number;
}
