import type { InvocationContext } from "@azure/functions";
import type { Config } from "../config.ts";
import type { Instances } from "../durable/sdk.ts";
import type { Catalog } from "../graph/catalog.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import type { UpdateChannel } from "../updates/update-channel.ts";

/** What runs are of, by the name in a route: workflows, or agents. */
export interface Served {
  /** @throws {WorkflowError} for a name that none has */
  get(name: string): WorkflowNode;
}

/** What the doors work with. */
export interface Services {
  readonly catalog: Catalog;
  /** The instances that the function of this context may reach. */
  readonly instancesOf: (context: InvocationContext) => Instances;
  /** What calls tell while they go on; undefined where no way leads from activities to doors. */
  readonly updates: UpdateChannel | undefined;
  readonly config: Config;
}
