import type { EntityMessageName } from "../entities/entity-request.ts";

/** What an episode asks for, numbered as the Durable extension numbers it. JSON values are JSON text. */
export type Decision =
  | {
      readonly kind: "scheduleActivity";
      readonly id: number;
      readonly name: string;
      readonly inputJson: string | null;
    }
  | { readonly kind: "createTimer"; readonly id: number; readonly fireAtMs: number }
  | {
      readonly kind: "createSubOrchestration";
      readonly id: number;
      readonly name: string;
      readonly instanceId: string;
      /** Null for the version of those that name none. */
      readonly version: string | null;
      readonly inputJson: string | null;
    }
  | SendToEntity
  | Completion;

/** A message to an entity. Nothing waits for it here: a call waits for the event that is its answer. */
export interface SendToEntity {
  readonly kind: "sendToEntity";
  readonly id: number;
  readonly name: EntityMessageName;
  readonly entityId: string;
  readonly requestJson: string;
}

export type Completion =
  | { readonly kind: "complete"; readonly id: number; readonly outputJson: string | null }
  | { readonly kind: "fail"; readonly id: number; readonly message: string; readonly details: string }
  | {
      readonly kind: "continueAsNew";
      readonly id: number;
      readonly inputJson: string | null;
      /** Places in the replayed events of the external events that the next generation gets. */
      readonly carriedOver: readonly number[];
    };

/** What a decision is called in sentences about it. */
export const DECISION_NAMES: Readonly<Record<Decision["kind"], string>> = {
  scheduleActivity: "an activity",
  createTimer: "a timer",
  createSubOrchestration: "a sub-orchestration",
  sendToEntity: "a message to an entity",
  complete: "its end",
  fail: "its end",
  continueAsNew: "its end",
};
