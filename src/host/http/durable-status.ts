import type { InstanceView, RuntimeStatus } from "../hub/task-hub.ts";
import { isJson } from "./query.ts";

const ENDED: readonly RuntimeStatus[] = ["Completed", "Failed", "Canceled", "Terminated"];

export function hasEnded({ runtimeStatus }: InstanceView): boolean {
  return ENDED.includes(runtimeStatus);
}

/**
 * The status of an instance as the extension shows it. Input, output and custom status are JSON text already, so they are
 * set in as they are; reading and writing them again would cost more than all the rest of the call.
 *
 * @param historyJson - JSON text of the events, null to leave them out
 * @returns JSON text
 */
export function statusJson(instance: InstanceView, showInput: boolean, historyJson: string | null = null): string {
  const fields = [
    `"name":${JSON.stringify(instance.name)}`,
    `"instanceId":${JSON.stringify(instance.instanceId)}`,
    `"runtimeStatus":"${instance.runtimeStatus}"`,
    `"input":${(showInput ? instance.inputJson : null) ?? "null"}`,
    `"customStatus":${instance.customStatusJson ?? "null"}`,
    `"output":${outputJson(instance)}`,
    `"createdTime":"${toSeconds(instance.createdAtMs)}"`,
    `"lastUpdatedTime":"${toSeconds(instance.updatedAtMs)}"`,
  ];
  // Not of the extension: it has no such state.
  if (instance.quarantine !== undefined) fields.push(`"quarantine":${JSON.stringify(instance.quarantine)}`);
  if (historyJson !== null) fields.push(`"historyEvents":${historyJson}`);
  return `{${fields.join(",")}}`;
}

/** A failure or a reason is plain text; it is given as a string unless it happens to be JSON. */
export function outputJson({ output, runtimeStatus }: InstanceView): string {
  if (output === null) return "null";
  return runtimeStatus === "Completed" || isJson(output) ? output : JSON.stringify(output);
}

function toSeconds(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}
