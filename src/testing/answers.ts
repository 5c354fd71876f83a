import { WorkflowError } from "../errors.ts";
import { portsOf } from "../graph/nested.ts";
import type { RequestAt, ResponseAt } from "../graph/runner.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import type { WaitingRequest } from "../wire/status.ts";

/** Answers of a port: a list, one for each request in the order of asking, or a function that answers every request. */
type AnswersAt<Port, Ports> =
  | readonly ResponseAt<Port, Ports>[]
  | ((request: RequestAt<Port, Ports>) => ResponseAt<Port, Ports> | Promise<ResponseAt<Port, Ports>>);

/** Answers by the id of their port. */
export type ScriptedAnswers<Ports> = {
  readonly [Id in Ports extends { readonly id: infer PortId extends string } ? PortId : never]?: AnswersAt<Id, Ports>;
};

type Untyped = readonly unknown[] | ((request: unknown) => unknown);

/** The answers of a script, each given once. */
export class AnswerScript {
  readonly #answers: ReadonlyMap<string, Untyped>;
  readonly #given = new Map<string, number>();

  /** @throws {WorkflowError} `EXECUTOR_UNKNOWN` for a port that the workflow does not have */
  constructor(workflow: WorkflowNode, answers: object) {
    this.#answers = new Map(Object.entries(answers));
    for (const id of this.#answers.keys()) checkPort(workflow, id);
  }

  /** Whether the script has an answer to this request. */
  has({ eventName }: WaitingRequest): boolean {
    const answers = this.#answers.get(eventName);
    return typeof answers === "function" || (answers?.length ?? 0) > (this.#given.get(eventName) ?? 0);
  }

  async take({ eventName, input }: WaitingRequest): Promise<unknown> {
    const answers = this.#answers.get(eventName);
    if (typeof answers === "function") return answers(input);
    const given = this.#given.get(eventName) ?? 0;
    this.#given.set(eventName, given + 1);
    return answers?.[given];
  }
}

function checkPort(workflow: WorkflowNode, id: string): void {
  const ids = portsOf(workflow).map((port) => port.id);
  if (ids.includes(id)) return;
  throw new WorkflowError(
    "EXECUTOR_UNKNOWN",
    `Workflow "${workflow.name}" has no request port "${id}" to answer at.`,
    `It has ${ids.length === 0 ? "none" : ids.join(", ")}.`,
  );
}
