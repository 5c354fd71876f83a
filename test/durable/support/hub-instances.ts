import type { Instance, Instances } from "../../../src/durable/sdk.ts";
import { WorkflowError } from "../../../src/errors.ts";
import { renderHistoryEvents } from "../../../src/host/hub/render-history-events.ts";
import type { InstanceView, TaskHub } from "../../../src/host/hub/task-hub.ts";

/** The instances of a task hub in this process, without HTTP in between. */
export function instancesOfHub(hub: TaskHub): Instances {
  const start = async (name: string, instanceId: string, input: object) => {
    const result = await hub.start({ name, instanceId, inputJson: JSON.stringify(input), keepExisting: true });
    if (!result.ok) throw new Error(result.message);
  };
  return {
    start,
    async startAndWait(name, instanceId, input, timeoutMs) {
      await start(name, instanceId, input);
      await hub.waitForEnd(instanceId, timeoutMs);
    },
    async read(instanceId, { withInput = false, withHistory = false } = {}) {
      const view = await hub.get(instanceId);
      if (!view) return undefined;
      const history = withHistory ? await hub.history(instanceId) : null;
      const options = { showInput: withInput, showHistoryOutput: true };
      const instance = withInput ? { ...shown(view), input: parsed(view.inputJson) } : shown(view);
      return history ? { ...instance, historyEvents: renderHistoryEvents(history, options) } : instance;
    },
    async raiseEvent(instanceId, eventName, data) {
      const result = await hub.raiseEvent(instanceId, eventName, JSON.stringify(data));
      if (result === "accepted") return;
      const code = result === "finished" ? "RUN_ENDED" : "RUN_NOT_FOUND";
      throw new WorkflowError(code, `Run "${instanceId}" takes nothing in.`, "Read its status.");
    },
    async list(filter, next) {
      const page = await hub.list({ ...filter, ...(next !== undefined && { continuationToken: next }) });
      const instances = page.instances.map((view) => shown(view));
      return { instances, next: page.continuationToken ?? undefined };
    },
    async suspend(instanceId, reason) {
      await hub.suspend(instanceId, reason);
    },
    async resume(instanceId, reason) {
      await hub.resume(instanceId, reason);
    },
    async purge(instanceId) {
      await hub.purge(instanceId);
    },
    async readEntity(name, key) {
      return parsed((await hub.entity(name, key))?.stateJson ?? null) ?? undefined;
    },
    async listEntities(name, idleSinceMs, next) {
      const token = next !== undefined && { continuationToken: next };
      const page = await hub.entities({ name, updatedToMs: idleSinceMs, ...token });
      return { keys: page.entities.map(({ key }) => key), next: page.continuationToken ?? undefined };
    },
    async signalEntity(name, key, operation, input) {
      await hub.signalEntity({ name, key, operation, inputJson: JSON.stringify(input) });
    },
  };
}

function shown(view: InstanceView): Instance {
  return {
    name: view.name,
    instanceId: view.instanceId,
    runtimeStatus: view.runtimeStatus,
    input: null,
    customStatus: parsed(view.customStatusJson),
    output: parsed(view.output),
    createdTime: new Date(view.createdAtMs).toISOString(),
    lastUpdatedTime: new Date(view.updatedAtMs).toISOString(),
  };
}

/** As the management API shows it: text that is no JSON stays text. */
function parsed(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return text;
  }
}
