import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { Connections } from "./connections.ts";

function socketFrom(remoteAddress: string | undefined) {
  const events = new EventEmitter();
  const socket = {
    remoteAddress,
    isCut: false,
    once: (name: string, listener: () => void) => void events.once(name, listener),
    destroy() {
      socket.isCut = true;
      events.emit("close");
    },
  };
  return socket;
}

/** Opens one after the other, and says what became of each. */
function open(connections: Connections, ...addresses: readonly (string | undefined)[]) {
  const sockets = addresses.map(socketFrom);
  const fates = sockets.map((socket) => {
    connections.add(socket as never);
    if (socket.isCut) return "cut";
    return connections.isSurplus(socket as never) ? "surplus" : "open";
  });
  return { sockets, fates };
}

const many = (count: number, address: string | undefined) => Array.from({ length: count }, () => address);

it.each(["127.0.0.1", "::1", "::ffff:127.0.0.1"])(
  "a crowd from elsewhere takes no connection over loopback away: %s",
  (loopback) => {
    const connections = new Connections(2);
    const crowd = open(connections, ...many(3, "10.0.0.7"), ...many(3, "fe80::7"));
    expect(crowd.fates).toEqual(["open", "open", "surplus", "surplus", "cut", "cut"]);
    const own = open(connections, ...many(5, loopback));
    expect(own.fates).toEqual(["open", "open", "surplus", "surplus", "cut"]);
  },
);

it("callers over loopback take none away from those elsewhere", () => {
  const connections = new Connections(1);
  open(connections, ...many(3, "127.0.0.1"));
  expect(open(connections, "10.0.0.7", "10.0.0.8", "10.0.0.9").fates).toEqual(["open", "surplus", "cut"]);
});

it("a connection that is closed makes room for one of its kind, one that was cut as well", () => {
  const connections = new Connections(1);
  const { sockets } = open(connections, ...many(3, "10.0.0.7"));
  open(connections, "127.0.0.1");
  sockets[0]?.destroy();
  expect(open(connections, "127.0.0.1", "10.0.0.8").fates).toEqual(["surplus", "surplus"]);
});

it("a connection that is gone before it is counted counts with those from elsewhere, until it closes", () => {
  const connections = new Connections(1);
  const gone = open(connections, undefined);
  expect(open(connections, "10.0.0.7", "127.0.0.1").fates).toEqual(["surplus", "open"]);
  gone.sockets[0]?.destroy();
});
