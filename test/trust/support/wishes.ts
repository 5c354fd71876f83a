import { startRun } from "../../../src/durable/client.ts";
import { answerData, answerEvent, CANCEL_EVENT } from "../../../src/durable/mail.ts";
import type { WorkflowNode } from "../../../src/graph/runtime.ts";
import type { RuntimeStatus, SwitchResult, TaskHub } from "../../../src/host/hub/task-hub.ts";
import type { CustomStatus } from "../../../src/wire/status.ts";
import { instancesOfHub } from "../../durable/support/hub-instances.ts";
import type { Wish } from "./user.ts";

/** Starts an orchestration; one that is there already is the one that was started. */
export function start(name: string, instanceId: string, input: unknown = null): Wish {
  return async (hub) => ({
    what: { kind: "start", instanceId },
    send: async () => {
      await hub.start({ name, instanceId, inputJson: JSON.stringify(input), keepExisting: true });
      return true;
    },
  });
}

export function startWorkflow(workflow: WorkflowNode, runId: string, input: unknown): Wish {
  return async (hub) => ({
    what: { kind: "start", instanceId: runId },
    send: async () => {
      await startRun(instancesOfHub(hub), workflow, input, { runId });
      return true;
    },
  });
}

export function raise(instanceId: string, name: string, data: unknown, when?: When): Wish {
  const dataJson = JSON.stringify(data);
  return whenever(instanceId, when, async (hub) => ({
    what: { kind: "event", instanceId, name, dataJson },
    send: async () => isTaken(await hub.raiseEvent(instanceId, name, dataJson)),
  }));
}

/** Answers a request of a run once it is open. @param request - how its id begins: `manager-1` */
export function answer(runId: string, request: string, response: unknown): Wish {
  return async (hub) => {
    // An answer that nobody acknowledged may have come after all.
    const history = (await hub.history(runId)) ?? [];
    if (history.some(({ Name }) => String(Name).startsWith(answerEvent(request)))) return TOO_LATE;
    const requestId = (await openRequests(hub, runId)).find((open) => open.requestId.startsWith(request))?.requestId;
    if (requestId === undefined) return null;
    const name = answerEvent(requestId);
    const dataJson = JSON.stringify(answerData(JSON.stringify(response)));
    return {
      what: { kind: "event", instanceId: runId, name, dataJson },
      send: async () => isTaken(await hub.raiseEvent(runId, name, dataJson)),
    };
  };
}

export function cancel(runId: string, when?: When): Wish {
  return raise(runId, CANCEL_EVENT, {}, when);
}

export function terminate(instanceId: string, when?: When): Wish {
  return whenever(instanceId, when, async (hub) => ({
    what: { kind: "terminate", instanceId },
    send: async () => isTaken(await hub.terminate(instanceId, "enough")),
  }));
}

export function suspend(instanceId: string): Wish {
  return async (hub) => {
    if (await is(instanceId, "Suspended")(hub)) return TOO_LATE;
    return { send: async () => isTaken(await hub.suspend(instanceId, "a break")) };
  };
}

/** Comes behind a suspension: what is not suspended was resumed by a message that nobody acknowledged. */
export function resume(instanceId: string): Wish {
  return async (hub) => {
    if (!(await is(instanceId, "Suspended")(hub))) return TOO_LATE;
    return { send: async () => isTaken(await hub.resume(instanceId, "go on")) };
  };
}

export function purge(instanceId: string): Wish {
  return async (hub) => {
    const view = await hub.get(instanceId);
    if (!view) return TOO_LATE;
    if (!isOver(view.runtimeStatus)) return null;
    return { send: async () => (await hub.purge(instanceId)) === 1 };
  };
}

export function rewind(instanceId: string): Wish {
  return async (hub) => {
    if (await is(instanceId, "Completed")(hub)) return TOO_LATE;
    if (!(await is(instanceId, "Failed")(hub))) return null;
    return { send: async () => (await hub.rewind(instanceId, "open again")) === "accepted" };
  };
}

/** What was asked for has come about already, by a message that nobody acknowledged. */
const TOO_LATE = { send: async () => false };

export type When = (hub: TaskHub) => Promise<boolean>;

/** The instance has this status. */
export function is(instanceId: string, status: RuntimeStatus): When {
  return async (hub) => (await hub.get(instanceId))?.runtimeStatus === status;
}

/** The run asks at this port. */
export function asks(runId: string, port: string): When {
  return async (hub) => (await openRequests(hub, runId)).some((request) => request.port === port);
}

function whenever(instanceId: string, when: When | undefined, wish: Wish): Wish {
  return async (hub) => {
    const view = await hub.get(instanceId);
    if (view && isOver(view.runtimeStatus)) return TOO_LATE;
    return when === undefined || (await when(hub)) ? wish(hub) : null;
  };
}

async function openRequests(hub: TaskHub, runId: string): Promise<CustomStatus["requests"]> {
  const { customStatusJson = null } = (await hub.get(runId)) ?? {};
  return customStatusJson === null ? [] : (JSON.parse(customStatusJson) as CustomStatus).requests;
}

function isTaken(result: SwitchResult): boolean {
  if (result === "not-found") throw new Error("The instance is not there yet.");
  return result === "accepted";
}

function isOver(status: RuntimeStatus): boolean {
  return status === "Completed" || status === "Failed" || status === "Terminated";
}
