import type { Watchers } from "../updates/watchers.ts";
import type { Clock } from "./clock.ts";

/** What the runs of a runner have in common. */
export interface Surroundings {
  readonly clock: Clock;
  readonly watchers: Watchers;
}
