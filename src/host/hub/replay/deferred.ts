/**
 * A result that comes later. Unlike a promise it runs its followers inside `settle`, before `settle` returns: ids are
 * taken in the order in which things settle, so nothing may happen "a little later".
 */
export class Deferred {
  #state: "open" | "succeeded" | "failed" = "open";
  #followers: ((self: Deferred) => void)[] = [];

  get isSettled(): boolean {
    return this.#state !== "open";
  }

  get hasFailed(): boolean {
    return this.#state === "failed";
  }

  /** Only the first call counts. */
  settle(state: "succeeded" | "failed"): void {
    if (this.isSettled) return;
    this.#state = state;
    const followers = this.#followers;
    this.#followers = [];
    for (const follower of followers) follower(this);
  }

  /** Runs `follower` once this is settled: now, if it is already. */
  follow(follower: (self: Deferred) => void): void {
    if (this.isSettled) follower(this);
    else this.#followers.push(follower);
  }
}

/** One that has succeeded already. */
export function settled(): Deferred {
  const done = new Deferred();
  done.settle("succeeded");
  return done;
}

/** Succeeds once all have settled, whether they failed or not; at once without members. */
export function whenAll(members: readonly Deferred[]): Deferred {
  const all = new Deferred();
  let open = members.length;
  if (open === 0) all.settle("succeeded");
  for (const member of members) {
    member.follow(() => {
      open -= 1;
      if (open === 0) all.settle("succeeded");
    });
  }
  return all;
}

/** Succeeds once one has settled, whether it failed or not. */
export function whenAny(members: readonly Deferred[]): Deferred {
  const any = new Deferred();
  for (const member of members) member.follow(() => any.settle("succeeded"));
  return any;
}
