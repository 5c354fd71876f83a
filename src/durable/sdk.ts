import type { FunctionInput, InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { z } from "zod";
import { WorkflowError } from "../errors.ts";

/**
 * The one door to `durable-functions`: nothing else in this library imports it. Its next major version is another
 * engine, and this file is what has to change then.
 */

export type OrchestrationContext = df.OrchestrationContext["df"];
export type Task = df.Task;

/** An orchestrator function: every `yield` hands out a {@link Task} and gets back what it came to. */
// biome-ignore lint/suspicious/noExplicitAny: what a yield gives back depends on the task, which a generator cannot type
export type Orchestration<Returned = unknown> = Generator<Task, Returned, any>;

export function registerOrchestrator(name: string, run: (context: OrchestrationContext) => Orchestration): void {
  df.app.orchestration(name, (context) => run(context.df));
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
const PAGE_SIZE = 200;

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
}

/** What the host binds to {@link durableClientInput}; its URLs are loopback or carry a key, so they stay in here. */
const clientBinding = z.object({
  creationUrls: z.object({ createNewInstancePostUri: z.string(), createAndWaitOnNewInstancePostUri: z.string() }),
  managementUrls: z.object({
    id: z.string(),
    statusQueryGetUri: z.string(),
    sendEventPostUri: z.string(),
    suspendPostUri: z.string(),
    resumePostUri: z.string(),
    purgeHistoryDeleteUri: z.string(),
  }),
  rpcBaseUrl: z.string().nullish(),
});
type ClientBinding = z.infer<typeof clientBinding>;

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
      const response = await fetch(instanceUrl(binding, instanceId, options));
      if (response.status !== 404) return instance.parse(JSON.parse(await expectSuccess(response, "status query")));
      await response.body?.cancel();
      return undefined;
    },
    raiseEvent: (instanceId, eventName, data) =>
      send(eventUrl(binding, instanceId, eventName), instanceId, "raised event", data),
    async list(filter, next) {
      const headers = next === undefined ? {} : { [CONTINUATION_HEADER]: next };
      const response = await fetch(listUrl(binding, filter), { headers });
      const listed = instances.parse(JSON.parse(await expectSuccess(response, "list query")));
      return { instances: listed, next: response.headers.get(CONTINUATION_HEADER) ?? undefined };
    },
    suspend: (instanceId, reason) => send(controlUrl(binding, "suspend", instanceId, reason), instanceId, "suspend"),
    resume: (instanceId, reason) => send(controlUrl(binding, "resume", instanceId, reason), instanceId, "resume"),
    async purge(instanceId) {
      const response = await fetch(purgeUrl(binding, instanceId), { method: "DELETE" });
      const text = await response.text();
      if (response.status !== 404) refuseFailure(response, text, "purge");
    },
  };
}

/**
 * The local host never replaces an instance for this header; other hosts do not know it, and there the setting
 * `overridableExistingInstanceStates` decides.
 */
const KEEP_EXISTING = { "x-durable-host-existing": "keep" };

async function create(url: URL, input: object): Promise<void> {
  await expectSuccess(await fetch(url, posted(input, KEEP_EXISTING)), "start");
}

/** Tells an instance something. */
async function send(url: URL, instanceId: string, what: string, data: object = {}): Promise<void> {
  const response = await fetch(url, posted(data));
  const text = await response.text();
  if (response.status === 404) throw unknownRun(instanceId);
  if (response.status === 410) throw endedRun(instanceId);
  refuseFailure(response, text, what);
}

function posted(value: object, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(value),
  };
}

function instanceUrl(
  { managementUrls, rpcBaseUrl }: ClientBinding,
  instanceId: string,
  options: ReadOptions = {},
): URL {
  const id = encodeURIComponent(instanceId);
  const url = rpcBaseUrl
    ? new URL(`instances/${id}`, rpcBaseUrl)
    : new URL(managementUrls.statusQueryGetUri.replace(managementUrls.id, () => id));
  url.searchParams.set("showInput", String(options.withInput ?? false));
  if (options.withHistory) {
    url.searchParams.set("showHistory", "true");
    url.searchParams.set("showHistoryOutput", "true");
  }
  return url;
}

function eventUrl({ managementUrls, rpcBaseUrl }: ClientBinding, instanceId: string, eventName: string): URL {
  const [id, name] = [encodeURIComponent(instanceId), encodeURIComponent(eventName)];
  if (rpcBaseUrl) return new URL(`instances/${id}/raiseEvent/${name}`, rpcBaseUrl);
  const template = managementUrls.sendEventPostUri.replace("{eventName}", () => name);
  return new URL(template.replace(managementUrls.id, () => id));
}

function listUrl({ managementUrls, rpcBaseUrl }: ClientBinding, filter: InstanceFilter): URL {
  const { runtimeStatus, createdFromMs, createdToMs } = filter;
  const url = rpcBaseUrl
    ? new URL("instances/", rpcBaseUrl)
    : new URL(managementUrls.statusQueryGetUri.replace(managementUrls.id, ""));
  url.searchParams.set("showInput", "false");
  url.searchParams.set("top", String(PAGE_SIZE));
  if (runtimeStatus) url.searchParams.set("runtimeStatus", runtimeStatus.join(","));
  if (createdFromMs !== undefined) url.searchParams.set("createdTimeFrom", new Date(createdFromMs).toISOString());
  if (createdToMs !== undefined) url.searchParams.set("createdTimeTo", new Date(createdToMs).toISOString());
  return url;
}

function controlUrl(binding: ClientBinding, operation: "suspend" | "resume", instanceId: string, reason: string): URL {
  const { managementUrls, rpcBaseUrl } = binding;
  const id = encodeURIComponent(instanceId);
  const url = rpcBaseUrl
    ? new URL(`instances/${id}/${operation}`, rpcBaseUrl)
    : new URL(managementUrls[`${operation}PostUri`].replace(managementUrls.id, () => id));
  url.searchParams.set("reason", reason);
  return url;
}

function purgeUrl({ managementUrls, rpcBaseUrl }: ClientBinding, instanceId: string): URL {
  const id = encodeURIComponent(instanceId);
  if (rpcBaseUrl) return new URL(`instances/${id}`, rpcBaseUrl);
  return new URL(managementUrls.purgeHistoryDeleteUri.replace(managementUrls.id, () => id));
}

/** Waiting is the extension's own affair then: on one machine nobody has to poll for it. The SDK has no such call. */
function createAndWaitUrl(binding: ClientBinding, orchestrator: string, instanceId: string, timeoutMs: number): URL {
  const url = creationUrl(binding, binding.creationUrls.createAndWaitOnNewInstancePostUri, orchestrator, instanceId);
  url.searchParams.set("timeout", String(Math.ceil(timeoutMs / 1_000)));
  url.searchParams.set("pollingInterval", "1");
  return url;
}

function creationUrl({ rpcBaseUrl }: ClientBinding, template: string, orchestrator: string, instanceId: string): URL {
  const path = `${encodeURIComponent(orchestrator)}/${encodeURIComponent(instanceId)}`;
  return rpcBaseUrl
    ? new URL(`orchestrators/${path}`, rpcBaseUrl)
    : new URL(template.replace("{functionName}[/{instanceId}]", () => path));
}

async function expectSuccess(response: Response, what: string): Promise<string> {
  const text = await response.text();
  refuseFailure(response, text, what);
  return text;
}

function refuseFailure({ ok, status }: Response, text: string, what: string): void {
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
