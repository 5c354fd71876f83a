import type { InvocationContext } from "@azure/functions";
import type { Hub } from "../../durable/threads/turns.ts";
import type { Addresses } from "./run-answer.ts";

/** What MCP tools work with. */
export interface McpServices extends Addresses {
  readonly hubOf: (context: InvocationContext) => Hub;
  /** How long a call waits for a run before it answers with a handle, in milliseconds. */
  readonly waitMs: number;
  /** How long a thread is kept after its last turn, in milliseconds. */
  readonly threadTtlMs: number;
}
