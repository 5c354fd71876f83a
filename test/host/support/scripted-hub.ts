import { WorkflowError } from "../../../src/errors.ts";
import type { InstanceView, TaskHub } from "../../../src/host/hub/task-hub.ts";

export interface ScriptedHub extends TaskHub {
  /** Every call, as `[method, ...arguments]`. */
  readonly calls: readonly (readonly unknown[])[];
}

export const ADA: InstanceView = {
  instanceId: "ada",
  name: "sequence",
  runtimeStatus: "Running",
  inputJson: '{"value":1}',
  customStatusJson: '"half way"',
  output: null,
  createdAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  updatedAtMs: Date.UTC(2026, 0, 2, 3, 4, 6, 789),
};

/** A task hub that knows the given instances, takes every message for them, and keeps what it was called with. */
export function createScriptedHub(instances: readonly InstanceView[] = [ADA]): ScriptedHub {
  const calls: (readonly unknown[])[] = [];
  const find = (id: string) => instances.find(({ instanceId }) => instanceId === id) ?? null;
  const isEnded = ({ runtimeStatus }: InstanceView) => ["Completed", "Failed", "Terminated"].includes(runtimeStatus);
  const send = (id: string) => {
    const instance = find(id);
    if (!instance) return "not-found" as const;
    return isEnded(instance) ? ("finished" as const) : ("accepted" as const);
  };
  const noted =
    <Args extends unknown[], Result>(method: string, answer: (...args: Args) => Result) =>
    async (...args: Args): Promise<Result> => {
      calls.push([method, ...args]);
      return answer(...args);
    };
  return {
    calls,
    open: noted("open", (_invoker) => undefined),
    start: noted("start", ({ name, instanceId = "made-up" }) => {
      if (name === "unknown") return { ok: false, reason: "unknown-function", message: "No such function." } as const;
      if (find(instanceId)) return { ok: false, reason: "exists", message: "It is running already." } as const;
      return { ok: true, instanceId } as const;
    }),
    get: noted("get", find),
    history: noted("history", () => []),
    list: noted("list", ({ continuationToken }) =>
      continuationToken === undefined
        ? { instances: instances.slice(0, 1), continuationToken: instances.length > 1 ? "41" : null }
        : { instances: instances.slice(1), continuationToken: null },
    ),
    raiseEvent: noted("raiseEvent", (id, eventName) => {
      if (eventName !== "7") return send(id);
      throw new WorkflowError("PARAMETER_INVALID", "The event name is a number.", "Give the event another name.");
    }),
    terminate: noted("terminate", send),
    suspend: noted("suspend", send),
    resume: noted("resume", send),
    rewind: noted("rewind", (id) => {
      const sent = send(id);
      if (sent === "accepted") return "not-failed" as const;
      return find(id)?.runtimeStatus === "Failed" ? ("accepted" as const) : sent;
    }),
    restart: noted("restart", (id, withNewId) =>
      find(id) ? ({ ok: true, instanceId: withNewId ? "made-up" : id } as const) : null,
    ),
    purge: noted("purge", (id) => (find(id) ? 1 : 0)),
    purgeBy: noted("purgeBy", () => instances.filter(isEnded).length),
    entity: noted("entity", (name, key) =>
      key === "known" ? { name, key, stateJson: '{"n":1}', updatedAtMs: 0 } : null,
    ),
    entities: noted("entities", () => ({ entities: [], continuationToken: null })),
    signalEntity: noted("signalEntity", ({ name }) => (name === "unknown" ? "unknown-function" : "accepted")),
    waitForEnd: noted("waitForEnd", find),
    beginNoMore: () => void calls.push(["beginNoMore"]),
    close: noted("close", () => undefined),
  };
}
