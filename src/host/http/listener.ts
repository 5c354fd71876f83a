import { createServer, type RequestListener, type Server } from "node:http";
import { WorkflowError } from "../../errors.ts";
import type { Connections } from "./connections.ts";
import type { HttpLimits } from "./limits.ts";
import { isLoopbackAddress } from "./loopback.ts";

const TIMEOUT_CHECK_MS = 2_000;
const PORT_TRIES = 5;
/** `localhost` may mean either. */
const LOOPBACK = ["127.0.0.1", "::1"];
const ALL_ADDRESSES = ["0.0.0.0", "::"];

/** An open port of this machine. */
export interface Listener {
  readonly port: number;
  /** Stops listening and cuts what is still connected. */
  close(): Promise<void>;
}

interface ListenerOptions {
  /** 0 for a free one. */
  readonly port: number;
  /** Besides those of loopback, which the app itself calls; null for these alone. */
  readonly address: string | null;
  readonly limits: HttpLimits;
  readonly connections: Connections;
  readonly onRequest: RequestListener;
}

/**
 * Listens on 127.0.0.1 and, where the machine has it, on ::1, with the same port; and on another address when one is
 * given.
 *
 * @throws {WorkflowError} `PORT_IN_USE`, `SETTING_INVALID` for an address that this machine does not have
 */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const [first = "127.0.0.1", ...others] = addressesOf(options.address);
  for (let attempt = 1; ; attempt++) {
    const servers = [await open(options.port, first, options)];
    const port = portOf(servers[0] as Server);
    try {
      for (const address of others) {
        const server = await open(port, address, options).catch((error) => nullForMissingIpv6(error, address));
        if (server) servers.push(server);
      }
      return { port, close: () => closeAll(servers) };
    } catch (error) {
      await closeAll(servers);
      // A free port on one address may be taken on the other; another one is as good.
      if (options.port !== 0 || attempt === PORT_TRIES) throw error;
    }
  }
}

function addressesOf(address: string | null): readonly string[] {
  if (address === null || isLoopbackAddress(address)) return LOOPBACK;
  // "::" takes the calls to IPv4 addresses too.
  return ALL_ADDRESSES.includes(address) ? [address] : [...LOOPBACK, address];
}

function open(port: number, address: string, { limits, connections, onRequest }: ListenerOptions): Promise<Server> {
  const server = createServer(
    {
      headersTimeout: Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs),
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.idleTimeoutMs,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    },
    onRequest,
  );
  server.on("connection", (socket) => connections.add(socket));
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(listenFailure(error, port, address)));
    server.listen({ port, host: address, exclusive: true }, () => resolve(server));
  });
}

function listenFailure(error: Error, port: number, address: string): unknown {
  const code = codeOf(error);
  if (code === "EADDRINUSE") return portInUse(port);
  if (LOOPBACK.includes(address) || !["EADDRNOTAVAIL", "ENOTFOUND", "EINVAL"].includes(code)) return error;
  return new WorkflowError(
    "SETTING_INVALID",
    `This machine does not have the address ${address}.`,
    "Give --address one of its own addresses, or 0.0.0.0 for all of them.",
    { cause: error },
  );
}

function portInUse(port: number): WorkflowError {
  return new WorkflowError(
    "PORT_IN_USE",
    `Port ${port} is in use by another process.`,
    "Stop that process, or start this host with --port and another number (0 takes a free one).",
  );
}

function nullForMissingIpv6(error: unknown, address: string): null {
  if (address === "::1" && ["EADDRNOTAVAIL", "EAFNOSUPPORT"].includes(codeOf(error))) return null;
  throw error;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server listens on no port.");
  return address.port;
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map((server) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    }),
  );
}
