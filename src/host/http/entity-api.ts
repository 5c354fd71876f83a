import type { EntityView, TaskHub } from "../hub/task-hub.ts";
import { type Answer, jsonAnswer, messageAnswer } from "./answer.ts";
import type { DurableCall } from "./durable-call.ts";
import { parseEntityFilter } from "./durable-filter.ts";
import { isJson } from "./query.ts";

type EntityHub = Pick<TaskHub, "entity" | "entities" | "signalEntity">;

/** The part of the management API about entities: `entities/{name}/{key}` and `entities/{name?}`. */
type EntityApi = (call: DurableCall, segments: readonly string[]) => Promise<Answer>;

/** How an empty key is written in a path. */
const EMPTY_KEY = "$";

export function createEntityApi(hub: EntityHub): EntityApi {
  async function list({ query, continuationToken }: DurableCall, name: string | undefined): Promise<Answer> {
    const parsed = parseEntityFilter(query, name, continuationToken);
    if (!parsed.ok) return messageAnswer(400, parsed.message);
    const page = await hub.entities(parsed.filter);
    const rows = page.entities.map((entity) => entityJson(entity, parsed.filter.withState === true));
    // A key may hold what a header may not.
    const token = page.continuationToken && Buffer.from(page.continuationToken).toString("base64url");
    return jsonAnswer(200, `[${rows.join(",")}]`, token === null ? {} : { "x-ms-continuation-token": token });
  }

  async function read(name: string, key: string): Promise<Answer> {
    const entity = await hub.entity(name, key);
    return entity ? jsonAnswer(200, entity.stateJson ?? "null") : { status: 404 };
  }

  async function signal(name: string, key: string, operation: string, inputJson: string | null): Promise<Answer> {
    const result = await hub.signalEntity({ name, key, operation, inputJson });
    if (result === "accepted") return { status: 202 };
    return messageAnswer(400, `There is no entity function '${name}' in this app.`);
  }

  async function post(call: DurableCall, name: string, key: string): Promise<Answer> {
    const body = await call.readBody();
    const isJsonBody = call.contentType?.toLowerCase().startsWith("application/json") ?? false;
    if (body !== "" && isJsonBody && !isJson(body)) return messageAnswer(400, "The input is not valid JSON.");
    const inputJson = isJsonBody ? body : JSON.stringify(body);
    return signal(name, key, call.query.get("op") ?? "", body === "" ? null : inputJson);
  }

  return async function entityApi(call, [name, keyInPath, ...more]) {
    const { method } = call;
    if (more.length > 0) return { status: 404 };
    if (name === undefined || keyInPath === undefined) {
      return method === "GET" ? list(call, name) : { status: 404 };
    }
    const key = keyInPath === EMPTY_KEY ? "" : keyInPath;
    if (method === "GET") return read(name, key);
    if (method === "POST") return post(call, name, key);
    return method === "DELETE" ? signal(name, key, "delete", null) : { status: 404 };
  };
}

function entityJson({ name, key, stateJson, updatedAtMs }: EntityView, withState: boolean): string {
  const head = JSON.stringify({ entityId: { name, key }, lastOperationTime: new Date(updatedAtMs).toISOString() });
  return withState ? `${head.slice(0, -1)},"state":${stateJson ?? "null"}}` : head;
}
