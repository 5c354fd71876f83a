import type { InvocationContext } from "@azure/functions";
import type { Config } from "../../config.ts";
import type { Instances } from "../../durable/sdk.ts";
import type { UpdateChannel } from "../../updates/update-channel.ts";
import type { AgentCatalog } from "./agent-catalog.ts";

/** What the doors of agents work with. */
export interface AgentServices {
  readonly agents: AgentCatalog;
  readonly instancesOf: (context: InvocationContext) => Instances;
  readonly config: Config;
  /** What calls tell while they go on; undefined where no way leads from activities to doors. */
  readonly updates: UpdateChannel | undefined;
  /** How long a thread is kept after its last turn, in milliseconds. */
  readonly threadTtlMs: number;
}
