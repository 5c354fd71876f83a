import { WorkflowError } from "../errors.ts";
import type { ExecutorNode, GraphNode, PortNode, WorkflowNode } from "../graph/runtime.ts";
import type { Delivery } from "../wire/delivery.ts";
import type { JsonText } from "../wire/json.ts";
import type { Outcome, OutcomeResult, SentMessage } from "../wire/outcome.ts";
import { responseMisfit } from "./invoke/check-value.ts";
import { compensate } from "./invoke/compensate.ts";
import type { InvokeEnvironment } from "./invoke/environment.ts";
import { failureOf } from "./invoke/failure.ts";
import { HandlerCall, returnedTextOf, type Surroundings } from "./invoke/handler-call.ts";
import { inputOf } from "./invoke/input.ts";
import { jsonTextOf } from "./invoke/json-text.ts";
import { withinSize } from "./invoke/outcome-size.ts";
import { type Router, routerOf } from "./invoke/routes.ts";
import { refusalDataOf } from "./invoke/thrown.ts";
import { withinLimit } from "./invoke/time-limit.ts";
import { UsageMeter } from "./invoke/usage-meter.ts";
import { check, misfit } from "./invoke/validate.ts";

type ResponseCall = Extract<Delivery["call"], { kind: "response" }>;

/**
 * Calls an executor or a port once. This is the only place where user code runs: the handler, its schemas, and the
 * conditions of its outgoing edges, as far as the run's plan knows them.
 *
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
  const result = await resultOf(workflow, delivery, environment, usage);
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
  const { node, router } = found;
  try {
    if (node.kind === "port") return withinSize(await callPort(node, router, delivery.call), delivery);
    const result = await withinLimit(delivery, environment, (signal) =>
      delivery.call.kind === "compensation"
        ? compensate(node, delivery.call, delivery, signal)
        : callHandler(node, router, delivery, { signal, usage, updates: environment.updates }),
    );
    return withinSize(result, delivery);
  } catch (error) {
    return failureOf(node, error, delivery, environment);
  }
}

type Found =
  | { readonly node: GraphNode; readonly router: Router }
  /** The deployed code lacks something that the run's plan has. */
  | { readonly missing: WorkflowError };

function find(workflow: WorkflowNode, { executorId, edges, call, asksRetry }: Delivery): Found {
  const node = workflow.nodes.get(executorId);
  if (!node || !answers(node, call) || (asksRetry && !hasRetryCode(node))) {
    return { missing: notDeployed(workflow, executorId) };
  }
  const router = routerOf(workflow, edges);
  return router instanceof WorkflowError ? { missing: router } : { node, router };
}

/** Whether the deployed code has what such a call needs. */
function answers(node: GraphNode, { kind }: Delivery["call"]): boolean {
  if (kind === "response") return node.kind === "port";
  return kind === "message" || (node.kind === "executor" && node.compensate !== undefined);
}

function hasRetryCode(node: GraphNode): boolean {
  return node.kind === "executor" && typeof node.retry?.retryOn === "function";
}

function notDeployed(workflow: WorkflowNode, executorId: string): WorkflowError {
  return new WorkflowError(
    "EXECUTOR_NOT_DEPLOYED",
    `The deployed workflow "${workflow.name}" has no executor "${executorId}" as this run's plan knows it.`,
    "Deploy it again; the run tries again by itself.",
  );
}

async function callHandler(
  node: ExecutorNode,
  router: Router,
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
    const routes = await router.routesOf(valueJson, to);
    sent.push({ valueJson, origin: "sent", ...(to !== undefined && { to }), routes });
  }
  if (returnedJson !== undefined) sent.push(await returnedMessage(router, returnedJson));
  return { status: "completed", messages: sent, ...effects };
}

async function returnedMessage(router: Router, valueJson: JsonText): Promise<SentMessage> {
  return { valueJson, origin: "returned", routes: await router.routesOf(valueJson) };
}

async function callPort(node: PortNode, router: Router, call: Delivery["call"]): Promise<OutcomeResult> {
  if (call.kind === "response") return takeResponse(node, router, call);
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

async function takeResponse(node: PortNode, router: Router, call: ResponseCall): Promise<OutcomeResult> {
  const checked = await check(node.response, JSON.parse(call.responseJson));
  if (!checked.isValid) {
    return { status: "responseRejected", error: refusalDataOf(responseMisfit(node, checked.issues), node.id) };
  }
  const responseJson = jsonTextOf(checked.value, `the response to port "${node.id}"`);
  const isBoth = node.sends === "requestAndResponse";
  const sentJson = isBoth ? `{"request":${call.requestJson},"response":${responseJson}}` : responseJson;
  return {
    status: "completed",
    messages: [await returnedMessage(router, sentJson)],
    yielded: [],
    writes: {},
    emitted: [],
    haltRequested: false,
  };
}
