import { z } from "zod";
import type { EntityRow } from "../../store/history-store.ts";
import type { InvocationResult } from "../task-hub.ts";
import type { EntityMessage } from "./entity-queue.ts";
import type { EntityName } from "./entity-request.ts";

const operationResult = z.object({ isError: z.boolean(), result: z.string().nullish() });

const answer = z.object({
  entityExists: z.boolean(),
  entityState: z.string().nullish(),
  results: z.array(operationResult),
  signals: z.array(
    z.object({
      target: z.object({ name: z.string(), key: z.string() }),
      name: z.string(),
      input: z.string().nullish(),
    }),
  ),
});

/** What a batch came to. */
export interface BatchOutcome {
  readonly exists: boolean;
  readonly stateJson: string | null;
  /** In the order of the batch. */
  readonly results: readonly OperationResult[];
  readonly signals: readonly { readonly target: EntityName; readonly op: string; readonly input: string | null }[];
  /** What the user should know about the function, or null. */
  readonly problem: string | null;
}

export type OperationResult = z.infer<typeof operationResult>;

/** The entity trigger as the extension sends it. */
export function entityTriggerJson(self: EntityName, entity: EntityRow, messages: readonly EntityMessage[]): string {
  return JSON.stringify({
    self,
    exists: entity.exists,
    state: entity.stateJson,
    batch: messages.map(({ request: { id, op = "", input = null, signal = false } }) => ({
      id,
      name: op,
      input,
      isSignal: signal,
    })),
  });
}

/** Reads what an entity function answered to a batch of `count` operations. Its failure fails them all, and changes nothing. */
export function readBatchOutcome(result: InvocationResult, before: EntityRow, count: number): BatchOutcome {
  if (!result.ok) return failedBatch(before, count, result.message);
  const parsed = answer.safeParse(parseJson(result.resultJson));
  if (!parsed.success) {
    return failedBatch(before, count, "The function did not answer as an entity does. Register it with df.app.entity.");
  }
  const { entityExists, entityState, results, signals } = parsed.data;
  return {
    exists: entityExists,
    stateJson: entityExists ? (entityState ?? null) : null,
    results,
    signals: signals.map(({ target, name, input }) => ({ target, op: name, input: input || null })),
    problem:
      results.length > count
        ? "it called context.df.return more than once in an operation, so callers get each other's results, as on Azure"
        : null,
  };
}

function failedBatch({ exists, stateJson }: EntityRow, count: number, message: string): BatchOutcome {
  const results = Array.from({ length: count }, () => failure(message));
  return { exists, stateJson, results, signals: [], problem: `it failed: ${message}` };
}

function failure(message: string): OperationResult {
  return { isError: true, result: JSON.stringify(message) };
}

function parseJson(json: string | null): unknown {
  try {
    return JSON.parse(json ?? "null");
  } catch {
    return null;
  }
}
