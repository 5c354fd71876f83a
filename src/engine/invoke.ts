import { WorkflowError } from "../errors.ts";
import { workflowAt } from "../graph/nested.ts";
import type { ExecutorNode, PortNode, WorkflowNode } from "../graph/runtime.ts";
import type { Delivery } from "../wire/delivery.ts";
import { frameAround } from "../wire/frame-path.ts";
import type { JsonText } from "../wire/json.ts";
import type { Outcome, OutcomeResult, Routes, SentMessage } from "../wire/outcome.ts";
import { responseMisfit } from "./invoke/check-value.ts";
import { compensate } from "./invoke/compensate.ts";
import { hasCompensation, hasRetryCode } from "./invoke/deployed-code.ts";
import type { InvokeEnvironment } from "./invoke/environment.ts";
import { failureOf } from "./invoke/failure.ts";
import { HandlerCall, returnedTextOf, type Surroundings } from "./invoke/handler-call.ts";
import { inputOf } from "./invoke/input.ts";
import { jsonTextOf } from "./invoke/json-text.ts";
import { withinSize } from "./invoke/outcome-size.ts";
import { type Router, routerOf } from "./invoke/routes.ts";
import { refusalDataOf } from "./invoke/thrown.ts";
import { withinFrames, withinLimit } from "./invoke/time-limit.ts";
import { UsageMeter } from "./invoke/usage-meter.ts";
import { check, misfit } from "./invoke/validate.ts";

type ResponseCall = Extract<Delivery["call"], { kind: "response" }>;

/**
 * Calls an executor or a port once. This is the only place where user code runs: the handler, its schemas, and the
 * conditions of its outgoing edges, as far as the run's plan knows them; for what a sub-workflow outputs by it also those of
 * the edges around.
 *
 * @param workflow - of the run; the executor may be in a sub-workflow of it
 * @returns always an outcome; whatever user code does, this never throws
 */
export async function invoke(
  workflow: WorkflowNode,
  delivery: Delivery,
  environment: InvokeEnvironment,
): Promise<Outcome> {
  const { executorId, callKey, superstep, attempt } = delivery;
  const startedAtMs = environment.nowMs();
  const usage = new UsageMeter();
  const result = await withinFrames(delivery, environment, (inner) => resultOf(workflow, delivery, inner, usage));
  const endedAtMs = environment.nowMs();
  const used = usage.total;
  return { executorId, callKey, superstep, attempt, startedAtMs, endedAtMs, ...(used && { usage: used }), result };
}

async function resultOf(
  workflow: WorkflowNode,
  delivery: Delivery,
  environment: InvokeEnvironment,
  usage: UsageMeter,
): Promise<OutcomeResult> {
  // Looked for first: a handler that has run must not run again only because a condition is missing.
  const found = find(workflow, delivery);
  if ("missing" in found) {
    return { status: "failed", error: refusalDataOf(found.missing, delivery.executorId) };
  }
  const { node, routing } = found;
  try {
    if (node.kind === "port") return withinSize(await callPort(node, routing, delivery.call), delivery);
    const result = await withinLimit(delivery, environment, (signal) =>
      delivery.call.kind === "compensation"
        ? compensate(node, delivery.call, delivery, signal)
        : callHandler(node, routing, delivery, { signal, usage, updates: environment.updates }),
    );
    return withinSize(result, delivery);
  } catch (error) {
    return failureOf(node, error, delivery, environment);
  }
}

/** What has executors called: an executor or a port, but no sub-workflow. */
type Called = ExecutorNode | PortNode;

/** The user code that says where a call's messages go. */
interface Routing {
  readonly router: Router;
  /** What is returned goes to a map. */
  readonly isItem: boolean;
  /** Around the sub-workflow, level by level, for what the call outputs. */
  readonly outer: readonly Router[];
  readonly isOutput: boolean;
}

type Found =
  | { readonly node: Called; readonly routing: Routing }
  /** The deployed code lacks something that the run's plan has. */
  | { readonly missing: WorkflowError };

function find(root: WorkflowNode, delivery: Delivery): Found {
  const { executorId, frame, call, asksRetry, edges, outer = [], isItem = false, isOutput = false } = delivery;
  const workflow = workflowAt(root, frame);
  const node = workflow?.nodes.get(executorId);
  if (!workflow || !node || node.kind === "workflow" || !answers(node, call) || (asksRetry && !hasRetryCode(node))) {
    return { missing: notDeployed(delivery) };
  }
  const router = routerOf(workflow, edges);
  if (router instanceof WorkflowError) return { missing: router };
  const around: Router[] = [];
  for (const [level, outerEdges] of outer.entries()) {
    const outerWorkflow = workflowAt(root, frameAbove(frame, level + 1));
    const next = outerWorkflow ? routerOf(outerWorkflow, outerEdges) : notDeployed(delivery);
    if (next instanceof WorkflowError) return { missing: next };
    around.push(next);
  }
  return { node, routing: { router, isItem, outer: around, isOutput } };
}

function frameAbove(frame = "", levels: number): string {
  return levels === 0 ? frame : frameAbove(frameAround(frame), levels - 1);
}

/** Whether the deployed code has what such a call needs. */
function answers(node: Called, { kind }: Delivery["call"]): boolean {
  if (kind === "response") return node.kind === "port";
  return kind === "message" || hasCompensation(node);
}

function notDeployed({ workflow, executorId }: Delivery): WorkflowError {
  return new WorkflowError(
    "EXECUTOR_NOT_DEPLOYED",
    `The deployed workflow "${workflow}" has no executor "${executorId}" as this run's plan knows it.`,
    "Deploy it again; the run tries again by itself.",
  );
}

async function callHandler(
  node: ExecutorNode,
  routing: Routing,
  delivery: Delivery,
  around: Surroundings,
): Promise<OutcomeResult> {
  const input = await inputOf(node, delivery.call.kind === "message" ? delivery.call.valueJson : "null");
  const call = new HandlerCall(node, delivery, around);
  let returned: unknown;
  try {
    returned = await node.handle(input, call.context);
  } finally {
    call.close();
  }
  const returnedJson = await returnedTextOf(node, returned);
  const { messages, ...effects } = await call.effects();
  const sent: SentMessage[] = [];
  for (const { valueJson, to } of messages) {
    const routes = await routing.router.routesOf(valueJson, to);
    sent.push({ valueJson, origin: "sent", ...(to !== undefined && { to }), routes });
  }
  if (returnedJson !== undefined) sent.push(await returnedMessage(routing, returnedJson));
  const { outer } = routing;
  const yieldedOuter: Routes[][] = [];
  for (const outputJson of outer.length > 0 ? effects.yielded : []) {
    yieldedOuter.push(await outerRoutes(outer, outputJson));
  }
  return { status: "completed", messages: sent, ...effects, ...(yieldedOuter.length > 0 && { yieldedOuter }) };
}

async function returnedMessage(routing: Routing, valueJson: JsonText): Promise<SentMessage> {
  const { router, isItem, outer, isOutput } = routing;
  const routes = isItem ? {} : await router.routesOf(valueJson);
  const around = isOutput ? { outer: await outerRoutes(outer, valueJson) } : {};
  return { valueJson, origin: "returned", routes, ...around };
}

async function outerRoutes(outer: readonly Router[], outputJson: JsonText): Promise<Routes[]> {
  const levels: Routes[] = [];
  for (const router of outer) levels.push(await router.routesOf(outputJson));
  return levels;
}

async function callPort(node: PortNode, routing: Routing, call: Delivery["call"]): Promise<OutcomeResult> {
  if (call.kind === "response") return takeResponse(node, routing, call);
  return openRequest(node, call.kind === "message" ? call.valueJson : call.inputJson);
}

async function openRequest(node: PortNode, valueJson: JsonText): Promise<OutcomeResult> {
  const checked = await check(node.request, JSON.parse(valueJson));
  if (checked.isValid) {
    return { status: "requestOpened", requestJson: jsonTextOf(checked.value, `the request of port "${node.id}"`) };
  }
  const what = `The message to port "${node.id}"`;
  throw misfit("EXECUTOR_INPUT_INVALID", what, checked.issues, "Correct its sender, or the request schema.");
}

async function takeResponse(node: PortNode, routing: Routing, call: ResponseCall): Promise<OutcomeResult> {
  const checked = await check(node.response, JSON.parse(call.responseJson));
  if (!checked.isValid) {
    return { status: "responseRejected", error: refusalDataOf(responseMisfit(node, checked.issues), node.id) };
  }
  const responseJson = jsonTextOf(checked.value, `the response to port "${node.id}"`);
  const isBoth = node.sends === "requestAndResponse";
  const sentJson = isBoth ? `{"request":${call.requestJson},"response":${responseJson}}` : responseJson;
  return {
    status: "completed",
    messages: [await returnedMessage(routing, sentJson)],
    yielded: [],
    writes: {},
    emitted: [],
    haltRequested: false,
  };
}
