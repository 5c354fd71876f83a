import type { Socket } from "node:net";

/**
 * The connections to this host, over all its addresses. So many are for callers, and as many again for the calls of the app
 * to its own host, which a crowd of callers must not keep out. Which of the two a connection is shows with its first request
 * only: a caller on a surplus one is sent away then.
 */
export class Connections {
  readonly #max: number;
  readonly #surplus = new WeakSet<Socket>();
  #open = 0;

  /** @param max - for callers */
  constructor(max: number) {
    this.#max = max;
  }

  /** Cuts one that is too many even for the app's own calls. */
  add(socket: Socket): void {
    this.#open += 1;
    socket.once("close", () => {
      this.#open -= 1;
    });
    if (this.#open > 2 * this.#max) socket.destroy();
    else if (this.#open > this.#max) this.#surplus.add(socket);
  }

  /** True for a connection that only the app's own calls may use. */
  isSurplus(socket: Socket): boolean {
    return this.#surplus.has(socket);
  }
}
