import { WorkflowError } from "../../src/errors.ts";
import type { HistoryStore, Write } from "../../src/host/store/history-store.ts";

export interface FaultyStore extends HistoryStore {
  /** How many commits were asked for. */
  readonly commits: number;
  /** What the latest commits held. */
  readonly batches: readonly (readonly Write[])[];
}

/**
 * What happens to the commit of this number, from 1: it fails before it wrote anything, behind so many of its writes
 * (the store has to take them back), or after it wrote everything.
 */
export type Fault = (commit: number) => "before" | { readonly behind: number } | "after" | null;

/** A write that the store meets when it has made those before it. */
const UNREADABLE = {
  get kind(): never {
    throw new Error("The process died within a transaction, said the test.");
  },
} as unknown as Write;

/** A store whose commits fail as told; reads go on. */
export function faultyStore(store: HistoryStore, fault: Fault): FaultyStore {
  const batches: (readonly Write[])[] = [];
  const fail = (): never => {
    throw new WorkflowError("STORE_WRITE_FAILED", "The disk is full, said the test.", "Make room.");
  };
  return {
    get commits() {
      return batches.length;
    },
    batches,
    commit(writes) {
      batches.push(writes);
      const when = fault(batches.length);
      if (when === "before") fail();
      const isCutOff = typeof when === "object" && when !== null;
      store.commit(isCutOff ? [...writes.slice(0, when.behind), UNREADABLE] : writes);
      if (when === "after") fail();
    },
    counters: () => store.counters(),
    instance: (instanceId) => store.instance(instanceId),
    instances: (filter) => store.instances(filter),
    openInstances: () => store.openInstances(),
    history: (key) => store.history(key),
    messages: (key) => store.messages(key),
    activities: () => store.activities(),
    timers: () => store.timers(),
    entity: (entityId) => store.entity(entityId),
    entities: (filter) => store.entities(filter),
    lockedEntities: () => store.lockedEntities(),
    entityMessages: () => store.entityMessages(),
    schedule: (functionName) => store.schedule(functionName),
    get hasLeftovers() {
      return store.hasLeftovers;
    },
    giveBack: () => store.giveBack(),
    close: () => store.close(),
  };
}
