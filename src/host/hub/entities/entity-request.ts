import { z } from "zod";

const lockedEntity = z.object({ name: z.string(), key: z.string() });

const entityRequest = z.object({
  op: z.string().optional(),
  signal: z.boolean().optional(),
  /** JSON text. */
  input: z.string().nullish(),
  id: z.string(),
  parent: z.string().optional(),
  parentExecution: z.string().optional(),
  lockset: z.array(lockedEntity).optional(),
  /** Which entity of `lockset` this request is for; each passes it on to the next. */
  pos: z.number().optional(),
});

/**
 * What an entity is sent, in the extension's own shape: a call or signal, a lock request (`lockset`), or the release of
 * a lock (`id` of its request and `parent`). Orchestrations read `id` from their history: it names the answer.
 */
export type EntityRequest = z.infer<typeof entityRequest>;

/** Who sent a request and gets the answer. */
export interface Caller {
  readonly instanceId: string;
  readonly executionId: string;
}

export interface EntityName {
  readonly name: string;
  readonly key: string;
}

/** The names of the messages between orchestrations and entities. */
export type EntityMessageName = "op" | "release";

/** Reads back a request that waited in the store. */
export function storedRequest(text: string): EntityRequest {
  return entityRequest.parse(JSON.parse(text));
}

/** Null for a signal from outside or from another entity. */
export function callerOf({ parent, parentExecution }: EntityRequest): Caller | null {
  return parent === undefined || parentExecution === undefined
    ? null
    : { instanceId: parent, executionId: parentExecution };
}

/** The id under which the extension files an entity: the name without case, the key as it is. */
export function entityIdOf({ name, key }: EntityName): string {
  return `@${name.toLowerCase()}@${key}`;
}

/** Null for a text that is no such id. */
export function entityNameOf(entityId: string): EntityName | null {
  const end = entityId.indexOf("@", 1);
  return entityId.startsWith("@") && end > 1 ? { name: entityId.slice(1, end), key: entityId.slice(end + 1) } : null;
}
