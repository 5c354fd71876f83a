import type { InvocationContext } from "@azure/functions";
import type { Instances } from "../durable/sdk.ts";
import type { Catalog } from "../graph/catalog.ts";
import type { WorkflowNode } from "../graph/runtime.ts";

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
}
