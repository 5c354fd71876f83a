import type { InvocationContext } from "@azure/functions";
import type { Config } from "../../config.ts";
import type { Instances } from "../../durable/sdk.ts";
import type { Addresses } from "./run-answer.ts";

/** What MCP tools work with. */
export interface McpServices extends Addresses {
  readonly instancesOf: (context: InvocationContext) => Instances;
  readonly config: Config;
  /** How long a call waits for a run before it answers with a handle, in milliseconds. */
  readonly waitMs: number;
  /** How long a thread is kept after its last turn, in milliseconds. */
  readonly threadTtlMs: number;
}
