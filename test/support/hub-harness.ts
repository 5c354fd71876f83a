import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTaskHub } from "../../src/host/hub/create-task-hub.ts";
import type { TaskHubOptions } from "../../src/host/hub/hub-options.ts";
import { TRAPS } from "../../src/host/hub/replay/traps.ts";
import type { InstanceView, StartRequest, TaskHub } from "../../src/host/hub/task-hub.ts";
import type { HistoryStore } from "../../src/host/store/history-store.ts";
import { createMemoryStore } from "../../src/host/store/memory.ts";
import { openSqliteStore } from "../../src/host/store/sqlite.ts";
import { capturedFunctions, type Watch } from "./capture-functions.ts";
import { type ManualEnvironment, manualEnvironment, quiet } from "./manual-environment.ts";

/** A place that keeps a hub's state while hubs come and go. */
export interface StorePlace {
  /** Opens the store; what was opened before counts as closed. */
  open(): Promise<HistoryStore>;
  /** The state as a process would find it that starts now, after this one died. */
  remove(): void;
}

export const storePlaces: readonly [string, () => StorePlace][] = [
  ["memory", memoryPlace],
  ["SQLite", sqlitePlace],
];

function memoryPlace(): StorePlace {
  const store = createMemoryStore();
  return { open: async () => store, remove: () => {} };
}

function sqlitePlace(): StorePlace {
  const folder = mkdtempSync(join(tmpdir(), "hub-"));
  return {
    open: () => openSqliteStore({ file: join(folder, "hub.sqlite") }),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

export interface Harness {
  readonly hub: TaskHub;
  readonly environment: ManualEnvironment;
  readonly logged: string[];
  /** Starts an instance and lets it go as far as it can without the clock. */
  run(request: Partial<StartRequest> & { name: string }): Promise<string>;
  view(instanceId: string): Promise<InstanceView>;
  /** The history as numbers: `12 0 4#0 13`. */
  history(instanceId: string): Promise<string>;
}

export type HarnessOptions = Omit<Partial<TaskHubOptions>, "environment"> & {
  readonly environment?: ManualEnvironment;
  readonly watch?: Watch;
  /** The test lets SDK and extension number differently; else that makes the episode fail, and the test with it. */
  readonly idsMayPart?: boolean;
};

/** An open hub with a clock that stands still, over the functions registered through the real SDK. */
export async function openHub({
  watch,
  idsMayPart = false,
  environment = manualEnvironment(),
  ...options
}: HarnessOptions = {}): Promise<Harness> {
  const logged: string[] = [];
  const hub = createTaskHub({
    store: createMemoryStore(),
    log: (_level, message) => {
      logged.push(message);
      if (!idsMayPart && message.includes(TRAPS.idsParted)) throw new Error(message);
    },
    ...options,
    environment,
  });
  await hub.open(capturedFunctions(watch));
  const view = async (instanceId: string): Promise<InstanceView> => {
    const found = await hub.get(instanceId);
    if (!found) throw new Error(`There is no instance ${instanceId}.`);
    return found;
  };
  return {
    hub,
    environment,
    logged,
    view,
    async run(request) {
      const started = await hub.start({ inputJson: null, ...request });
      if (!started.ok) throw new Error(started.message);
      await quiet();
      return started.instanceId;
    },
    async history(instanceId) {
      const events = (await hub.history(instanceId)) ?? [];
      return events.map(({ EventType, EventId }) => (EventId < 0 ? EventType : `${EventType}#${EventId}`)).join(" ");
    },
  };
}
