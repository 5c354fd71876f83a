import { expect, it } from "vitest";
import { manualEnvironment } from "../../../test/support/manual-environment.ts";
import { Reclaimer } from "./reclaimer.ts";

/** Room for so many pieces of work; `refusal` is thrown instead of giving one back. */
function storeWith(pieces: number, refusal: Error | null = null) {
  return {
    hasLeftovers: true,
    given: 0,
    giveBack() {
      this.hasLeftovers = false;
      if (refusal) throw refusal;
      this.given += 1;
      this.hasLeftovers = this.given < pieces;
    },
  };
}

it("room is given back a second after a deletion, in pieces with pauses, however many deletions come", async () => {
  const environment = manualEnvironment();
  const store = storeWith(3);
  const reclaimer = new Reclaimer(store, environment.after, () => {});
  reclaimer.look();
  reclaimer.look();
  expect(environment.waitingMs).toEqual([1_000]);
  await environment.advance(1_000);
  expect([store.given, environment.waitingMs]).toEqual([1, [20]]);
  await environment.advance(40);
  expect([store.given, environment.waitingMs]).toEqual([3, []]);
  reclaimer.look();
  expect(environment.waitingMs).toEqual([]);
});

it("room that the disk does not let go is named in the log, and tried again after the next deletion", async () => {
  const environment = manualEnvironment();
  const store = storeWith(1, new Error("disk I/O error"));
  const logged: string[] = [];
  const reclaimer = new Reclaimer(store, environment.after, (_level, message) => logged.push(message));
  reclaimer.look();
  await environment.advance(60_000);
  expect(logged).toEqual(["The store keeps the room of what was deleted until the next deletion: disk I/O error"]);
  store.hasLeftovers = true;
  reclaimer.look();
  expect(environment.waitingMs).toEqual([1_000]);
});

it("no room is given back any more once the hub stops", async () => {
  const environment = manualEnvironment();
  const store = storeWith(2);
  const reclaimer = new Reclaimer(store, environment.after, () => {});
  reclaimer.look();
  reclaimer.stop();
  await environment.advance(60_000);
  reclaimer.look();
  expect([store.given, environment.waitingMs]).toEqual([0, []]);
});
