import { z } from "zod";
import { WorkflowError } from "../../errors.ts";

/** What one caller, and all of them together, may take of this host. */
export interface HttpLimits {
  /** Until the headers of a request are there. */
  readonly headersTimeoutMs: number;
  /** Until a request is there with its body. */
  readonly requestTimeoutMs: number;
  /** A connection without a request, and a reader who takes nothing of an answer, are cut after this time. */
  readonly idleTimeoutMs: number;
  /** Callers over loopback, and as many from elsewhere; the calls of the app to this host have as many besides. */
  readonly maxConnections: number;
  /** Answers that are streams and open at once, server-sent events among them. */
  readonly maxStreams: number;
  /** So much of a stream may wait for a reader who is too slow; then its function waits, too. */
  readonly maxBacklogBytes: number;
  /** So many orchestrations may wait for their turn; then starts and events are sent away with 503. */
  readonly maxWaitingInstances: number;
}

interface Variable {
  readonly field: keyof HttpLimits;
  readonly value: number;
  readonly factor: number;
}

/** Name in the environment, default, and what its unit means. `docs/local-host.md` lists them, and a test compares. */
export const LIMIT_VARIABLES: Readonly<Record<string, Variable>> = {
  DURABLE_HOST_HEADERS_TIMEOUT_SECONDS: { field: "headersTimeoutMs", value: 10, factor: 1_000 },
  DURABLE_HOST_REQUEST_TIMEOUT_SECONDS: { field: "requestTimeoutMs", value: 30, factor: 1_000 },
  DURABLE_HOST_IDLE_TIMEOUT_SECONDS: { field: "idleTimeoutMs", value: 60, factor: 1_000 },
  DURABLE_HOST_MAX_CONNECTIONS: { field: "maxConnections", value: 1_000, factor: 1 },
  DURABLE_HOST_MAX_STREAMS: { field: "maxStreams", value: 200, factor: 1 },
  DURABLE_HOST_MAX_BACKLOG_BYTES: { field: "maxBacklogBytes", value: 2 ** 20, factor: 1 },
  DURABLE_HOST_MAX_WAITING_INSTANCES: { field: "maxWaitingInstances", value: 10_000, factor: 1 },
};

const amount = z.coerce.number().int().positive();

/** @throws {WorkflowError} `SETTING_INVALID` */
export function readLimits(environment: Readonly<Record<string, string | undefined>>): HttpLimits {
  const fields = Object.entries(LIMIT_VARIABLES).map(([name, { field, value, factor }]) => {
    const text = environment[name];
    return [field, (text ? amountOf(name, text) : value) * factor] as const;
  });
  return Object.fromEntries(fields) as unknown as HttpLimits;
}

function amountOf(name: string, text: string): number {
  const { success, data } = amount.safeParse(text);
  if (success) return data;
  throw new WorkflowError("SETTING_INVALID", `${name} is "${text}".`, "Set it to a whole number above 0.");
}
