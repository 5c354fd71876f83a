import type { InvocationContext } from "@azure/functions";
import type { Config } from "../config.ts";
import type { Instances } from "../durable/sdk.ts";
import type { Catalog } from "../graph/catalog.ts";

/** What the doors work with. */
export interface Services {
  readonly catalog: Catalog;
  /** The instances that the function of this context may reach. */
  readonly instancesOf: (context: InvocationContext) => Instances;
  readonly config: Config;
}
