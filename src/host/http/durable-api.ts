import { isWorkflowError } from "../../errors.ts";
import { type DurableUrls, managementUrls } from "../app/client-binding.ts";
import type { RenderOptions } from "../hub/render-history-events.ts";
import type { InstanceView, RewindResult, SendResult, StartResult, SwitchResult, TaskHub } from "../hub/task-hub.ts";
import { type Answer, jsonAnswer, messageAnswer } from "./answer.ts";
import type { DurableCall } from "./durable-call.ts";
import { parseFilter } from "./durable-filter.ts";
import { hasEnded, outputJson, statusJson } from "./durable-status.ts";
import { createEntityApi } from "./entity-api.ts";
import { isJson, isTrue } from "./query.ts";
import { parseWait } from "./wait-query.ts";

export interface DurableApiOptions {
  readonly hub: TaskHub;
  readonly urls: DurableUrls;
  /** @returns JSON text of an instance's history as the API shows it; null for an unknown instance */
  readonly historyJson: (instanceId: string, options: RenderOptions) => Promise<string | null>;
}

/** The management API of the Durable extension over a task hub. */
export type DurableApi = (call: DurableCall) => Promise<Answer>;

const NOT_FOUND: Answer = { status: 404 };
const GONE: Answer = { status: 410 };

export function createDurableApi({ hub, urls, historyJson }: DurableApiOptions): DurableApi {
  const entities = createEntityApi(hub);

  async function start(call: DurableCall, name: string, id: string | undefined): Promise<Answer> {
    const { query, keepsExisting, readBody } = call;
    const inputJson = await readBody();
    if (inputJson.trim() !== "" && !isJson(inputJson)) return messageAnswer(400, "The input is not valid JSON.");
    const wait = parseWait(query);
    if (!wait.ok) return messageAnswer(400, wait.message);
    const version = query.get("version");
    const result = await hub.start({
      name,
      inputJson: inputJson.trim() === "" ? null : inputJson,
      ...(keepsExisting && { keepExisting: true }),
      ...(id === undefined ? {} : { instanceId: id }),
      ...(version === null ? {} : { version }),
    });
    return answerTo(call, result, wait.waitMs);
  }

  function answerTo(call: DurableCall, result: StartResult, waitMs: number | null): Promise<Answer> | Answer {
    if (!result.ok) return messageAnswer(result.reason === "exists" ? 409 : 400, result.message);
    return waitMs === null ? started(call, result.instanceId) : startedAndWaited(call, result.instanceId, waitMs);
  }

  /** Links that work for whoever asks: this machine has more than one name. */
  function linksTo(instanceId: string, { webhookUrl }: DurableCall): Readonly<Record<string, string>> {
    return managementUrls(webhookUrl === null ? urls : { ...urls, webhookUrl }, instanceId);
  }

  function started(call: DurableCall, instanceId: string): Answer {
    const links = linksTo(instanceId, call);
    const location = links.statusQueryGetUri ?? "";
    return jsonAnswer(202, JSON.stringify(links), { location, "retry-after": "10" });
  }

  async function startedAndWaited(call: DurableCall, instanceId: string, waitMs: number): Promise<Answer> {
    const instance = await hub.waitForEnd(instanceId, waitMs);
    if (!instance || !hasEnded(instance)) return started(call, instanceId);
    const isCompleted = instance.runtimeStatus === "Completed";
    return jsonAnswer(200, isCompleted ? outputJson(instance) : statusJson(instance, true));
  }

  async function status(call: DurableCall, instanceId: string): Promise<Answer> {
    const { query } = call;
    const instance = await hub.get(instanceId);
    if (!instance) return unknownInstance(instanceId);
    const showInput = showsInput(query);
    const shown = { showHistoryOutput: isTrue(query, "showHistoryOutput"), showInput };
    const history = isTrue(query, "showHistory") ? await historyJson(instanceId, shown) : null;
    const json = statusJson(instance, showInput, history);
    if (!hasEnded(instance)) {
      const location = linksTo(instanceId, call).statusQueryGetUri ?? "";
      return jsonAnswer(202, json, { location, "retry-after": "5" });
    }
    const isError = instance.runtimeStatus === "Failed" && isTrue(query, "returnInternalServerErrorOnFailure");
    return jsonAnswer(isError ? 500 : 200, json);
  }

  async function list({ query, continuationToken }: DurableCall): Promise<Answer> {
    const parsed = parseFilter(query, continuationToken);
    if (!parsed.ok) return messageAnswer(400, parsed.message);
    const page = await hub.list(parsed.filter);
    const rows = page.instances.map((instance: InstanceView) => statusJson(instance, showsInput(query)));
    const headers = page.continuationToken === null ? {} : { "x-ms-continuation-token": page.continuationToken };
    return jsonAnswer(200, `[${rows.join(",")}]`, headers);
  }

  async function purge(instanceId: string): Promise<Answer> {
    const count = await hub.purge(instanceId);
    return count > 0 || (await hub.get(instanceId)) ? purged(count) : unknownInstance(instanceId);
  }

  async function purgeBy({ query }: DurableCall): Promise<Answer> {
    const parsed = parseFilter(query, undefined);
    if (!parsed.ok) return messageAnswer(400, parsed.message);
    if (parsed.filter.createdFromMs === undefined) {
      return messageAnswer(400, "Please provide value for 'createdTimeFrom' parameter.");
    }
    const count = await hub.purgeBy(parsed.filter);
    return count > 0 ? purged(count) : NOT_FOUND;
  }

  async function raiseEvent(call: DurableCall, instanceId: string, eventName: string): Promise<Answer> {
    if (!call.contentType?.toLowerCase().startsWith("application/json")) {
      return badEvent(instanceId, "Only application/json request content is supported");
    }
    const dataJson = await call.readBody();
    if (!isJson(dataJson)) return badEvent(instanceId, "The event's data is not valid JSON.");
    try {
      return sent(await hub.raiseEvent(instanceId, eventName, dataJson), instanceId);
    } catch (error) {
      if (isWorkflowError(error) && error.code === "PARAMETER_INVALID") return messageAnswer(400, error.message);
      throw error;
    }
  }

  /** That there is nobody to take an event in is told before what is wrong with it. */
  async function badEvent(instanceId: string, message: string): Promise<Answer> {
    const instance = await hub.get(instanceId);
    if (!instance) return unknownInstance(instanceId);
    return hasEnded(instance) ? GONE : messageAnswer(400, message);
  }

  async function control(operation: string, call: DurableCall, instanceId: string): Promise<Answer> {
    const reason = call.query.get("reason") ?? "";
    if (operation === "terminate") return sent(await hub.terminate(instanceId, reason), instanceId);
    if (operation === "suspend") return switched(operation, await hub.suspend(instanceId, reason), instanceId);
    if (operation === "resume") return switched(operation, await hub.resume(instanceId, reason), instanceId);
    if (operation === "rewind") return rewound(await hub.rewind(instanceId, reason));
    if (operation === "restart") return restart(call, instanceId);
    return NOT_FOUND;
  }

  /** The extension fails at what is so already, so what works here works there. */
  async function switched(operation: string, result: SwitchResult, instanceId: string): Promise<Answer> {
    if (result !== "is-so-already") return sent(result, instanceId);
    const status = (await hub.get(instanceId))?.runtimeStatus;
    const why = `because instance is in the ${status} state`;
    return messageAnswer(500, `Cannot ${operation} the orchestration instance ${instanceId} ${why}.`);
  }

  async function restart(call: DurableCall, instanceId: string): Promise<Answer> {
    const wait = parseWait(call.query);
    if (!wait.ok) return messageAnswer(400, wait.message);
    const withNewId = call.query.get("restartWithNewInstanceId")?.toLowerCase() !== "false";
    const result = await hub.restart(instanceId, withNewId);
    if (result === null) return messageAnswer(400, `No instance with ID '${instanceId}' was found.`);
    return answerTo(call, result, wait.waitMs);
  }

  function instances(
    call: DurableCall,
    [id, operation, argument, ...more]: readonly string[],
  ): Promise<Answer> | Answer {
    const { method } = call;
    if (more.length > 0) return NOT_FOUND;
    if (id === undefined) {
      if (method === "GET") return list(call);
      return method === "DELETE" ? purgeBy(call) : NOT_FOUND;
    }
    if (operation === undefined) {
      if (method === "GET") return status(call, id);
      return method === "DELETE" ? purge(id) : NOT_FOUND;
    }
    if (method !== "POST") return NOT_FOUND;
    if (operation.toLowerCase() === "raiseevent") {
      return argument === undefined ? NOT_FOUND : raiseEvent(call, id, argument);
    }
    return argument === undefined ? control(operation.toLowerCase(), call, id) : NOT_FOUND;
  }

  return async function durableApi(call) {
    const [area = "", ...rest] = call.segments;
    const [name, id] = rest;
    switch (area.toLowerCase()) {
      case "instances":
        return instances(call, rest);
      case "orchestrators":
        return call.method === "POST" && name !== undefined && rest.length <= 2 ? start(call, name, id) : NOT_FOUND;
      case "entities":
        return entities(call, rest);
      default:
        return NOT_FOUND;
    }
  };
}

function sent(result: SendResult, instanceId: string): Answer {
  if (result === "not-found") return unknownInstance(instanceId);
  return result === "accepted" ? { status: 202 } : GONE;
}

function purged(count: number): Answer {
  return jsonAnswer(200, `{"instancesDeleted":${count}}`);
}

function unknownInstance(instanceId: string): Answer {
  return messageAnswer(404, `No instance with ID '${instanceId}' was found.`);
}

/** The SDK shows the whole body as the reason, so it is text, or left to the SDK. */
function rewound(result: RewindResult): Answer {
  if (result === "not-found") return NOT_FOUND;
  if (result !== "not-failed") return result === "accepted" ? { status: 202 } : GONE;
  return { status: 412, body: "The rewind operation is only supported on failed orchestration instances." };
}

function showsInput(query: URLSearchParams): boolean {
  return query.get("showInput")?.toLowerCase() !== "false";
}
