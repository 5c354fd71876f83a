import type { TaskHub } from "../../../src/host/hub/task-hub.ts";
import type { Acknowledged } from "../checker/evidence.ts";
import type { SimulatedEnvironment } from "./simulated-environment.ts";

/** One thing a user wants of the hub. Null: it is not the time for it yet. */
export type Wish = (hub: TaskHub) => Promise<Attempt | null>;

interface Attempt {
  /** What counts as acknowledged when the hub says so. */
  readonly what?: Acknowledged;
  /** Sends it. @returns false when it came too late to be of any use */
  readonly send: () => Promise<boolean>;
}

/** A user who sends again what was not acknowledged, and remembers what was. */
export class User {
  readonly acknowledged: Acknowledged[] = [];
  readonly unanswered: Acknowledged[] = [];
  #wishes: Wish[];

  constructor(wishes: readonly Wish[]) {
    this.#wishes = [...wishes];
  }

  get isContent(): boolean {
    return this.#wishes.length === 0;
  }

  /** Sends, in order, what it is the time for. */
  async send(hub: TaskHub, environment: SimulatedEnvironment): Promise<void> {
    for (const wish of [...this.#wishes]) {
      const attempt = await wish(hub);
      if (!attempt) return;
      const { what, send } = attempt;
      send().then(
        (isTaken) => {
          this.#wishes = this.#wishes.filter((other) => other !== wish);
          if (what && isTaken) this.acknowledged.push(what);
        },
        () => {
          if (what) this.unanswered.push(what);
        },
      );
      await environment.settle();
      if (this.#wishes.includes(wish)) return;
    }
  }
}
