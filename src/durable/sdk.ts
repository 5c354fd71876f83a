import type { FunctionInput, InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { z } from "zod";
import { WorkflowError } from "../errors.ts";
import { callHost, type HostAnswer, type HostRequest } from "./host-call.ts";
import {
  clientBinding,
  controlUrl,
  createAndWaitUrl,
  creationUrl,
  entityUrl,
  eventUrl,
  instanceUrl,
  listUrl,
  PAGE_SIZE,
  purgeUrl,
} from "./host-urls.ts";

/**
 * The one door to `durable-functions`: nothing else in this library imports it. Its next major version is another
 * engine, and this file is what has to change then.
 */

export type OrchestrationContext = df.OrchestrationContext["df"];
export type Task = df.Task;

/** An orchestrator function: every `yield` hands out a {@link Task} and gets back what it came to. */
// biome-ignore lint/suspicious/noExplicitAny: what a yield gives back depends on the task, which a generator cannot type
export type Orchestration<Returned = unknown> = Generator<Task, Returned, any>;

/** A host that knows this mark may keep an orchestrator between two episodes instead of replaying it. */
const MAY_BE_KEPT = Symbol.for("durable-workflows.may-be-kept");

/** @param run - depends on nothing but its context, so that it need not be replayed in every episode */
export function registerOrchestrator(name: string, run: (context: OrchestrationContext) => Orchestration): void {
  df.app.orchestration(name, (context) => Object.assign(run(context.df), { [MAY_BE_KEPT]: true }));
}

/** The context of a function that is being called. */
export type FunctionContext = InvocationContext;

/** The activity may reach the instances of the task hub by its context. */
export function registerActivity(
  name: string,
  run: (input: unknown, context: FunctionContext) => Promise<object>,
): void {
  df.app.activity(name, { extraInputs: [durableClientInput], handler: run });
}

/** What an operation of an entity comes to. */
export interface EntityStep {
  /** The state from now on; null deletes the entity. */
  readonly state: object | null;
  /** For whoever called and waits; a signal has nobody. */
  readonly answer?: object;
}

/** @param operate - gets the state, which is undefined at first, the name of the operation, and its input */
export function registerEntity(
  name: string,
  operate: (state: unknown, operation: string, input: unknown) => EntityStep,
): void {
  df.app.entity<object>(name, ({ df: entity }) => {
    const { state, answer } = operate(entity.getState(), entity.operationName ?? "", entity.getInput());
    if (state === null) entity.destructOnExit();
    else entity.setState(state);
    if (answer) entity.return(answer);
  });
}

export function entityIdOf(name: string, key: string): df.EntityId {
  return new df.EntityId(name, key);
}

/** The extra input that a function needs to reach instances by {@link instancesOf}. */
export const durableClientInput: FunctionInput = df.input.durableClient();

/** An orchestration instance as the management API shows it. */
const instance = z.object({
  name: z.string(),
  instanceId: z.string(),
  runtimeStatus: z.enum([
    "Pending",
    "Running",
    "Suspended",
    "Completed",
    "ContinuedAsNew",
    "Failed",
    "Canceled",
    "Terminated",
  ]),
  input: z.unknown(),
  customStatus: z.unknown(),
  /** JSON value, or the text of a failure or of the reason for a termination. */
  output: z.unknown(),
  createdTime: z.string(),
  lastUpdatedTime: z.string(),
  /** Only when it was asked for. */
  historyEvents: z.array(z.unknown()).nullish(),
});
export type Instance = z.infer<typeof instance>;
const instances = z.array(instance);

const CONTINUATION_HEADER = "x-ms-continuation-token";

export interface ReadOptions {
  readonly withInput?: boolean;
  readonly withHistory?: boolean;
}

/** Which instances to list; bounds of time are inclusive. */
export interface InstanceFilter {
  readonly runtimeStatus?: readonly Instance["runtimeStatus"][];
  readonly createdFromMs?: number;
  readonly createdToMs?: number;
}

export interface InstancePage {
  readonly instances: readonly Instance[];
  /** Gives the next page of the same filter; undefined on the last one. */
  readonly next: string | undefined;
}

export interface EntityPage {
  readonly keys: readonly string[];
  /** Gives the next page; undefined on the last one. */
  readonly next: string | undefined;
}
const entities = z.array(z.object({ entityId: z.object({ key: z.string() }) }));

/** The instances of the task hub, as far as this library uses them. */
export interface Instances {
  /** Rejects on anything but success. Some hosts replace an ended instance of that id, so look first. */
  start(orchestrator: string, instanceId: string, input: object): Promise<void>;
  /** As {@link start}, then waits for the end, but not longer than this; how it ended is for {@link read} to say. */
  startAndWait(orchestrator: string, instanceId: string, input: object, timeoutMs: number): Promise<void>;
  /** @returns undefined for an unknown instance */
  read(instanceId: string, options?: ReadOptions): Promise<Instance | undefined>;
  /** @throws {WorkflowError} `RUN_ENDED`, `RUN_NOT_FOUND` */
  raiseEvent(instanceId: string, eventName: string, data: object): Promise<void>;
  /** Without inputs, in the order of the backend, which need not be that of time. @param next - of the page before */
  list(filter: InstanceFilter, next?: string): Promise<InstancePage>;
  /** As {@link raiseEvent}; rejects besides, on some hosts, for an instance that is suspended already. */
  suspend(instanceId: string, reason: string): Promise<void>;
  resume(instanceId: string, reason: string): Promise<void>;
  /** Deletes an ended instance with its history; does nothing where there is none. */
  purge(instanceId: string): Promise<void>;
  /** @returns the state of a durable entity; undefined for one that does not exist */
  readEntity(name: string, key: string): Promise<unknown>;
  /** The keys of the entities of this name that did nothing since a time, in milliseconds since 1970. @param next - of the page before */
  listEntities(name: string, idleSinceMs: number, next?: string): Promise<EntityPage>;
  /** Resolves when the host has it; the entity takes it in later. */
  signalEntity(name: string, key: string, operation: string, input: object): Promise<void>;
}

/**
 * The instances that the function of this context may reach; it has to have {@link durableClientInput}. The calls go
 * straight to the endpoints that the SDK uses: its own client does not encode ids, says nothing of an event that came too
 * late, loses the history of a status, and cannot leave the input out (its plan is larger than all the rest).
 */
export function instancesOf(context: InvocationContext): Instances {
  const binding = clientBinding.parse(context.extraInputs.get(durableClientInput));
  return {
    async start(orchestrator, instanceId, input) {
      const template = binding.creationUrls.createNewInstancePostUri;
      await create(creationUrl(binding, template, orchestrator, instanceId), input);
    },
    async startAndWait(orchestrator, instanceId, input, timeoutMs) {
      await create(createAndWaitUrl(binding, orchestrator, instanceId, timeoutMs), input);
    },
    async read(instanceId, options) {
      const response = await callHost(instanceUrl(binding, instanceId, options));
      const text = await response.text();
      if (response.status === 404) return undefined;
      refuseFailure(response, text, "status query");
      return instance.parse(JSON.parse(text));
    },
    raiseEvent: (instanceId, eventName, data) =>
      send(eventUrl(binding, instanceId, eventName), instanceId, "raised event", data),
    async list(filter, next) {
      const headers = next === undefined ? {} : { [CONTINUATION_HEADER]: next };
      const response = await callHost(listUrl(binding, filter), { headers });
      const listed = instances.parse(JSON.parse(await expectSuccess(response, "list query")));
      return { instances: listed, next: response.headers.get(CONTINUATION_HEADER) ?? undefined };
    },
    suspend: (instanceId, reason) => send(controlUrl(binding, "suspend", instanceId, reason), instanceId, "suspend"),
    resume: (instanceId, reason) => send(controlUrl(binding, "resume", instanceId, reason), instanceId, "resume"),
    async purge(instanceId) {
      const response = await callHost(purgeUrl(binding, instanceId), { method: "DELETE" });
      const text = await response.text();
      if (response.status !== 404) refuseFailure(response, text, "purge");
    },
    async readEntity(name, key) {
      const response = await fetch(entityUrl(binding, name, key));
      if (response.status !== 404) return JSON.parse(await expectSuccess(response, "entity query"));
      await response.body?.cancel();
      return undefined;
    },
    async listEntities(name, idleSinceMs, next) {
      const url = entityUrl(binding, name);
      url.searchParams.set("lastOperationTimeTo", new Date(idleSinceMs).toISOString());
      url.searchParams.set("top", String(PAGE_SIZE));
      const headers = next === undefined ? {} : { [CONTINUATION_HEADER]: next };
      const response = await fetch(url, { headers });
      const listed = entities.parse(JSON.parse(await expectSuccess(response, "list of entities")));
      const token = response.headers.get(CONTINUATION_HEADER) ?? undefined;
      return { keys: listed.map(({ entityId }) => entityId.key), next: token };
    },
    async signalEntity(name, key, operation, input) {
      const url = entityUrl(binding, name, key);
      url.searchParams.set("op", operation);
      await expectSuccess(await fetch(url, posted(input)), "signal");
    },
  };
}

/**
 * The local host never replaces an instance for this header; other hosts do not know it, and there the setting
 * `overridableExistingInstanceStates` decides.
 */
const KEEP_EXISTING = { "x-durable-host-existing": "keep" };

async function create(url: URL, input: object): Promise<void> {
  await expectSuccess(await callHost(url, posted(input, KEEP_EXISTING)), "start");
}

/** Tells an instance something. */
async function send(url: URL, instanceId: string, what: string, data: object = {}): Promise<void> {
  const response = await callHost(url, posted(data));
  const text = await response.text();
  if (response.status === 404) throw unknownRun(instanceId);
  if (response.status === 410) throw endedRun(instanceId);
  refuseFailure(response, text, what);
}

function posted(value: object, headers: Readonly<Record<string, string>> = {}): HostRequest {
  return {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(value),
  };
}

async function expectSuccess(response: HostAnswer, what: string): Promise<string> {
  const text = await response.text();
  refuseFailure(response, text, what);
  return text;
}

/** Answers of the local host, and of front ends of others, that say: nothing was done, come again. */
function refuseFailure({ ok, status }: HostAnswer, text: string, what: string): void {
  if (status === 507) {
    throw new WorkflowError(
      "STORE_WRITE_FAILED",
      "The host cannot write its store.",
      "Nothing was changed. Make room on its disk, then send the request again.",
    );
  }
  if (status === 503 || status === 429) {
    throw new WorkflowError("HOST_OVERLOADED", "More waits than the host can take.", "Send the request again later.");
  }
  if (!ok) throw new Error(`The Durable extension answered a ${what} with ${status}: ${text}`);
}

function unknownRun(instanceId: string): WorkflowError {
  return new WorkflowError(
    "RUN_NOT_FOUND",
    `There is no run ${JSON.stringify(instanceId)} any more.`,
    "Check the id; runs that have ended may be deleted.",
  );
}

function endedRun(instanceId: string): WorkflowError {
  return new WorkflowError(
    "RUN_ENDED",
    `Run ${JSON.stringify(instanceId)} has ended meanwhile, so it takes nothing in any more.`,
    "Read its status, or start a new run.",
  );
}
