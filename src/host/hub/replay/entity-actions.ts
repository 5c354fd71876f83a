import { createHash } from "node:crypto";
import { type EntityName, type EntityRequest, entityIdOf, entityNameOf } from "../entities/entity-request.ts";
import type { Action } from "./answer.ts";
import { type Deferred, settled } from "./deferred.ts";
import { malformed, text } from "./fields.ts";
import { jsonOrNull } from "./json-or-null.ts";
import type { ReplayContext } from "./replay-context.ts";

interface CriticalSection {
  readonly requestId: string;
  readonly entityIds: readonly string[];
}

/**
 * What an orchestration does with entities. Each message takes an id. The answer to a call, and to a lock request, is an
 * external event named by the request's id: the waiter stands among those of the other events.
 */
export class EntityActions {
  readonly #context: ReplayContext;
  readonly #instanceId: string;
  readonly #check: (entityName: string) => void;
  #section: CriticalSection | null = null;

  /** @param check - called once for each message, with the entity's name; throws when it cannot be sent */
  constructor(context: ReplayContext, instanceId: string, check: (entityName: string) => void) {
    this.#context = context;
    this.#instanceId = instanceId;
    this.#check = check;
  }

  call(action: Action): Deferred {
    return this.#context.events.wait(this.#operation(action, {}));
  }

  signal(action: Action): Deferred {
    this.#operation(action, { signal: true });
    return settled();
  }

  /** The request goes to the first entity of the set, and from one to the next; the last one answers. */
  lock(action: Action): Deferred {
    const lockset = lockSetOf(action);
    const requestId = text(action, "lockRequestId");
    const [first] = lockset;
    if (!first) throw malformed(action, "lockSet");
    for (const { name } of lockset) this.#check(name);
    this.#section = { requestId, entityIds: lockset.map(entityIdOf) };
    this.#context.sendToEntity("op", entityIdOf(first), { ...this.#sender(), id: requestId, lockset, pos: 0 });
    return this.#context.events.wait(requestId);
  }

  /** One message for each locked entity. */
  release(): Deferred {
    const { requestId = "", entityIds = [] } = this.#section ?? {};
    this.#section = null;
    for (const entityId of entityIds) {
      this.#context.sendToEntity("release", entityId, { ...this.#sender(), id: requestId });
    }
    return settled();
  }

  /** @returns the id of the request */
  #operation(action: Action, more: Pick<EntityRequest, "signal">): string {
    const entity = entityNameOf(text(action, "instanceId"));
    const op = text(action, "operation");
    if (!entity) throw malformed(action, "instanceId");
    this.#check(entity.name);
    const requestId = requestIdOf(this.#context.executionId, this.#context.nextId);
    const input = jsonOrNull(action.input);
    this.#context.sendToEntity("op", entityIdOf(entity), { op, ...more, input, id: requestId, ...this.#sender() });
    return requestId;
  }

  #sender(): Pick<EntityRequest, "parent" | "parentExecution"> {
    return { parent: this.#instanceId, parentExecution: this.#context.executionId };
  }
}

/**
 * The id of a request, in the form of a GUID. It comes from what never changes between replays, so the waiter of a call
 * always has the name that its answer was given.
 */
function requestIdOf(executionId: string, id: number): string {
  const hex = createHash("sha256").update(`${executionId}:${id}`).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}

function lockSetOf(action: Action): EntityName[] {
  const { lockSet } = action;
  if (!Array.isArray(lockSet)) throw malformed(action, "lockSet");
  return lockSet.map((entity: Partial<EntityName> | null) => {
    if (typeof entity?.name !== "string" || typeof entity.key !== "string") throw malformed(action, "lockSet");
    return { name: entity.name, key: entity.key };
  });
}
