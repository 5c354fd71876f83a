import { createServer, type RequestListener, type Server } from "node:http";
import { WorkflowError } from "../../errors.ts";

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const IDLE_TIMEOUT_MS = 60_000;
const TIMEOUT_CHECK_MS = 2_000;
/** 1,000 callers, and for each of them one call of the app to this host: that one must not be kept out. */
const MAX_CONNECTIONS = 2_000;
const PORT_TRIES = 5;

/** An open port on the loopback addresses of this machine. */
export interface Listener {
  readonly port: number;
  /** Stops listening and cuts what is still connected. */
  close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1 and, where the machine has it, on ::1, with the same port: `localhost` may mean either.
 *
 * @param port - 0 for a free one
 * @throws {WorkflowError} `PORT_IN_USE`
 */
export async function listen(port: number, onRequest: RequestListener): Promise<Listener> {
  for (let attempt = 1; ; attempt++) {
    const first = await open(port, "127.0.0.1", onRequest);
    const actual = portOf(first);
    try {
      const second = await open(actual, "::1", onRequest).catch(nullWithoutIpv6);
      return { port: actual, close: () => closeAll(second ? [first, second] : [first]) };
    } catch (error) {
      await closeAll([first]);
      // A free port on one address may be taken on the other; another one is as good.
      if (port !== 0 || attempt === PORT_TRIES) throw error;
    }
  }
}

function open(port: number, address: string, onRequest: RequestListener): Promise<Server> {
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: IDLE_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    },
    onRequest,
  );
  server.maxConnections = MAX_CONNECTIONS;
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(codeOf(error) === "EADDRINUSE" ? portInUse(port) : error));
    server.listen({ port, host: address, exclusive: true }, () => resolve(server));
  });
}

function portInUse(port: number): WorkflowError {
  return new WorkflowError(
    "PORT_IN_USE",
    `Port ${port} is in use by another process.`,
    "Stop that process, or start this host with --port and another number (0 takes a free one).",
  );
}

function nullWithoutIpv6(error: unknown): null {
  if (["EADDRNOTAVAIL", "EAFNOSUPPORT"].includes(codeOf(error))) return null;
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
