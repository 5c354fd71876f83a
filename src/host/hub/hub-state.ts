import {
  type HistoryStore,
  hasEnded,
  type MessageRow,
  type OpenInstanceRow,
  type ParentLink,
  type Write,
} from "../store/history-store.ts";
import type { HubEnvironment } from "./environment.ts";
import { chainStart } from "./history-chain.ts";
import { executionStarted, type HubEvent } from "./hub-event.ts";
import { Instance, type Message } from "./instance.ts";
import { LoadedHistory } from "./loaded-history.ts";

export interface NewInstance {
  readonly instanceId: string;
  readonly name: string;
  readonly version: string | null;
  readonly inputJson: string | null;
  readonly parent: ParentLink | null;
}

/** An instance of this id: open in memory, or ended on the disk. */
export type Existing = { readonly key: number; readonly open: Instance | null };

/** The open instances in memory, and the numbers given to instances and rows. */
export class HubState {
  readonly #store: HistoryStore;
  readonly #environment: HubEnvironment;
  readonly #byId = new Map<string, Instance>();
  readonly #byKey = new Map<number, Instance>();
  #nextKey: number;
  #nextSeq: number;

  constructor(store: HistoryStore, environment: HubEnvironment) {
    this.#store = store;
    this.#environment = environment;
    const { nextKey, nextSeq } = store.counters();
    this.#nextKey = nextKey;
    this.#nextSeq = nextSeq;
  }

  /** Takes up all open instances of the store. */
  load(): void {
    const inboxes = new Map<number, MessageRow[]>();
    for (const row of this.#store.messages()) {
      const inbox = inboxes.get(row.key);
      if (inbox) inbox.push(row);
      else inboxes.set(row.key, [row]);
    }
    for (const row of this.#store.openInstances()) this.#keep(new Instance(row, inboxes.get(row.key) ?? []));
  }

  get all(): Instance[] {
    return [...this.#byId.values()];
  }

  /** The open instance of this id; one whose end is decided but not on disk yet does not count. */
  open(instanceId: string): Instance | null {
    const instance = this.#byId.get(instanceId);
    return instance && !instance.hasEnded ? instance : null;
  }

  openByKey(key: number): Instance | null {
    const instance = this.#byKey.get(key);
    return instance && !instance.hasEnded ? instance : null;
  }

  existing(instanceId: string): Existing | null {
    const instance = this.#byId.get(instanceId);
    if (instance) return { key: instance.row.key, open: instance.hasEnded ? null : instance };
    const row = this.#store.instance(instanceId);
    return row && { key: row.key, open: null };
  }

  nextSeq(): number {
    const seq = this.#nextSeq;
    this.#nextSeq += 1;
    return seq;
  }

  message(event: HubEvent, executionId: string | null): Message {
    return { seq: this.nextSeq(), executionId, event };
  }

  /** Puts the message into the instance's inbox; what comes back writes it. */
  deliver(instance: Instance, message: Message): Write {
    instance.inbox.push(message);
    return { kind: "addMessage", row: messageRow(instance, message) };
  }

  /** A new instance with its start message; what comes back besides it writes both. */
  create(start: NewInstance): { readonly instance: Instance; readonly writes: Write[] } {
    const { instanceId, name, version, inputJson, parent } = start;
    const nowMs = this.#environment.nowMs();
    const executionId = this.#environment.newId();
    const row: OpenInstanceRow = {
      key: this.#nextKey,
      instanceId,
      executionId,
      name,
      version,
      status: "Pending",
      parent,
    };
    this.#nextKey += 1;
    const instance = new Instance(row, []);
    instance.history = new LoadedHistory([], inputJson, null, chainStart({ ...row, inputJson }));
    this.#keep(instance);
    const started = this.message(executionStarted({ ...start, executionId }, nowMs), executionId);
    const full = {
      ...row,
      inputJson,
      customStatusJson: null,
      output: null,
      historyChecksum: instance.history.checksum,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    };
    return { instance, writes: [{ kind: "addInstance", row: full }, this.deliver(instance, started)] };
  }

  /** Lets go of an instance whose end is on disk, or that another of the same id replaces. */
  drop(instance: Instance): void {
    instance.isStale = true;
    this.#byKey.delete(instance.row.key);
    if (this.#byId.get(instance.row.instanceId) === instance) this.#byId.delete(instance.row.instanceId);
  }

  /**
   * Memory and disk disagree about this id: the disk is right.
   *
   * @returns the instance that is no longer valid
   */
  reload(instanceId: string): Instance | null {
    const outdated = this.#byId.get(instanceId) ?? null;
    if (outdated) this.drop(outdated);
    const row = this.#store.instance(instanceId);
    if (row && !hasEnded(row.status)) this.#keep(new Instance(openPart(row), this.#store.messages(row.key)));
    return outdated;
  }

  #keep(instance: Instance): void {
    this.#byId.set(instance.row.instanceId, instance);
    this.#byKey.set(instance.row.key, instance);
  }
}

export function messageRow(
  instance: { readonly row: { readonly key: number } },
  { seq, executionId, event }: Message,
): MessageRow {
  return { key: instance.row.key, seq, executionId, event: event.text };
}

/** Without the payloads, which are read again when they are needed. */
function openPart({ key, instanceId, executionId, name, version, status, parent }: OpenInstanceRow): OpenInstanceRow {
  return { key, instanceId, executionId, name, version, status, parent };
}
