import { WorkflowError } from "../errors.ts";
import { placedNodes } from "../graph/nested.ts";
import type { EdgeCode, ExecutorNode, GraphNode, HandlerContext, WorkflowNode } from "../graph/runtime.ts";
import { framePath, placeOf, TOP } from "../wire/frame-path.ts";

/** Takes the place of an executor's handler. Schemas, edges, retries and state stay as they are. */
export type Mock = (input: never, context: HandlerContext) => unknown;

/** A mock that never answers: the run goes on when the call is given up, or the run is cancelled. */
export const hang: Mock = (_input, { signal }) =>
  new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });

/** A call that shall fail. */
export interface ScriptedFailure {
  /** The id of the executor; `Child~Inner` for one of a sub-workflow. */
  readonly executor: string;
  /** 1 for the first attempt of a call; every attempt fails when it is left out. */
  readonly attempt?: number;
  /** What the call throws. */
  readonly error: unknown;
}

/** Counts the calls of user code that have not come back yet. */
export class CallsUnderWay {
  #count = 0;
  #waiting: (() => void)[] = [];

  /** Resolves once none is under way; at once, if so. */
  async none(): Promise<void> {
    while (this.#count > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Wraps a function so that its calls are counted. */
  watched<Arguments extends readonly unknown[]>(code: (...values: Arguments) => unknown) {
    return async (...values: Arguments): Promise<unknown> => {
      this.#count++;
      try {
        return await code(...values);
      } finally {
        this.#count--;
        for (const resolve of this.#waiting.splice(0)) resolve();
      }
    };
  }
}

interface Replacements {
  readonly mocks: Readonly<Record<string, Mock>>;
  readonly failures: readonly ScriptedFailure[];
}

/**
 * The same workflow, with the same plan, over other user code.
 *
 * @throws {WorkflowError} `EXECUTOR_UNKNOWN` for a mock or a failure of something that is no executor of it
 */
export function withUserCode(
  workflow: WorkflowNode,
  { mocks, failures }: Replacements,
  calls: CallsUnderWay,
): WorkflowNode {
  for (const id of [...Object.keys(mocks), ...failures.map(({ executor }) => executor)]) checkExecutor(workflow, id);
  return replaceIn(workflow, TOP, { mocks, failures }, calls);
}

/** @param frame - any one that works through the workflow */
function replaceIn(
  workflow: WorkflowNode,
  frame: string,
  { mocks, failures }: Replacements,
  calls: CallsUnderWay,
): WorkflowNode {
  const replaced = (node: GraphNode): GraphNode => {
    if (node.kind === "workflow") return replaceIn(node, framePath(frame, node.id, 1), { mocks, failures }, calls);
    if (node.kind === "port") return node;
    const place = placeOf(frame, node.id);
    const mock = Object.hasOwn(mocks, place) ? mocks[place] : undefined;
    const handle = mock ? (input: unknown, context: HandlerContext) => mock(input as never, context) : handlerOf(node);
    const own = failures.filter(({ executor }) => executor === place);
    const scripted = failing(handle, own);
    // What hangs waits for time to pass, so time must not wait for it.
    return { ...node, handle: mock === hang ? scripted : calls.watched(scripted) };
  };
  const nodes = [...workflow.nodes].map(([id, node]) => [id, replaced(node)] as const);
  const edgeCode = [...workflow.edgeCode].map(([id, code]) => [id, watchedEdge(code, calls)] as const);
  return Object.freeze({ ...workflow, nodes: new Map(nodes), edgeCode: new Map(edgeCode) });
}

type Handle = ExecutorNode["handle"];

/** A handler may be a method of a class, so it is called on its own node. */
function handlerOf(node: ExecutorNode): Handle {
  return (input, context) => node.handle(input, context);
}

function failing(handle: Handle, failures: readonly ScriptedFailure[]): Handle {
  return (input, context) => {
    const failure = failures.find(({ attempt }) => attempt === undefined || attempt === context.attempt);
    if (failure) throw failure.error;
    return handle(input, context);
  };
}

function watchedEdge(code: EdgeCode, calls: CallsUnderWay): EdgeCode {
  switch (code.kind) {
    case "direct":
      return { ...code, when: calls.watched(code.when) };
    case "switch":
      return { ...code, cases: code.cases.map((test) => calls.watched(test)) };
    case "fanOut":
      return { ...code, select: calls.watched(code.select) };
  }
}

function checkExecutor(workflow: WorkflowNode, id: string): void {
  const executors = placedNodes(workflow).filter(({ node }) => node.kind === "executor");
  const ids = executors.map(({ place }) => place);
  if (ids.includes(id)) return;
  throw new WorkflowError(
    "EXECUTOR_UNKNOWN",
    `Workflow "${workflow.name}" has no executor "${id}" that a test could replace.`,
    `It has ${ids.join(", ")}; requests of ports are answered by "answers".`,
  );
}
