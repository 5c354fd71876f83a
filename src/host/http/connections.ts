import type { Socket } from "node:net";
import { isLoopbackAddress } from "./loopback.ts";

type Connection = Pick<Socket, "remoteAddress" | "once" | "destroy">;

/**
 * The connections to this host, over all its addresses. Those over loopback have a bound of their own: the app calls its own host
 * there, and no crowd of callers from elsewhere may keep it out. Within each bound so many are for callers, and as many again for
 * the calls of the app, and for callers who are told to come later. Which of these a connection is shows with its first request
 * only. A crowd of callers over loopback that sends nothing does keep the app out, until its idle connections are cut.
 */
export class Connections {
  readonly #max: number;
  readonly #surplus = new WeakSet<Connection>();
  readonly #open = { loopback: 0, elsewhere: 0 };

  /** @param max - for callers over loopback, and as many for those from elsewhere */
  constructor(max: number) {
    this.#max = max;
  }

  /** Cuts one that is too many even for the app's own calls, or to be told to come later. */
  add(socket: Connection): void {
    // One that is gone already has no address.
    const from = isLoopbackAddress(socket.remoteAddress ?? "") ? "loopback" : "elsewhere";
    this.#open[from] += 1;
    socket.once("close", () => {
      this.#open[from] -= 1;
    });
    if (this.#open[from] > 2 * this.#max) socket.destroy();
    else if (this.#open[from] > this.#max) this.#surplus.add(socket);
  }

  /** True for a connection that no caller may use: only the app's own calls, which come over loopback. */
  isSurplus(socket: Connection): boolean {
    return this.#surplus.has(socket);
  }
}
