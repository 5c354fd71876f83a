import type { WorkflowNamed } from "../graph/catalog.ts";
import type { InputOf } from "../graph/node-types.ts";
import type { RunOf } from "../graph/runner.ts";
import type { AnyWorkflow } from "../graph/workflow.ts";
import type { HttpOptions } from "./connection.ts";
import { HttpRuns } from "./http-runner.ts";

/** Any catalog, known by its type alone. */
interface ServedCatalog {
  readonly workflows: readonly AnyWorkflow[];
}

type NameIn<Served extends ServedCatalog> = Served["workflows"][number]["name"];
type WorkflowIn<Served extends ServedCatalog, Name extends string> = WorkflowNamed<Served["workflows"], Name>;

/**
 * Starts and finds the runs of a host's workflows by name. `Served` is the type of the catalog the host serves: an
 * `import type` is enough, so that none of its code comes along.
 */
export interface WorkflowClient<Served extends ServedCatalog> {
  /**
   * Starts a run. The same `runId` with the same input gives the run that is already there.
   *
   * @throws {WorkflowError} `RUN_INPUT_INVALID`, `RUN_ID_INVALID`, `RUN_EXISTS`, `WORKFLOW_NOT_FOUND`, `HOST_UNREACHABLE`
   */
  start<const Name extends NameIn<Served>>(
    name: Name,
    input: InputOf<WorkflowIn<Served, Name>>,
    options?: { readonly runId?: string },
  ): Promise<RunOf<WorkflowIn<Served, Name>>>;

  /** The run of this id. Nothing is looked up yet: an unknown id shows at the first call as `RUN_NOT_FOUND`. */
  open<const Name extends NameIn<Served>>(name: Name, runId: string): RunOf<WorkflowIn<Served, Name>>;
}

/**
 * A client of a host by the type of its catalog: `createWorkflowClient<typeof catalog>({ url })`.
 *
 * @param options - `url` of the host, `key` where it wants one
 */
export function createWorkflowClient<Served extends ServedCatalog>(options: HttpOptions): WorkflowClient<Served> {
  const runs = new HttpRuns(options);
  const client = {
    start: (name: string, input: unknown, startOptions?: { readonly runId?: string }) =>
      runs.start(name, input, startOptions),
    open: (name: string, runId: string) => runs.open(name, runId),
  };
  // A handle has no types of its own at run time: what its caller sees comes from the catalog.
  return client as unknown as WorkflowClient<Served>;
}
