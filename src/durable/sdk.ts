import type { FunctionInput, InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { z } from "zod";

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

export function registerActivity(
  name: string,
  run: (input: unknown, logError: (text: string) => void) => Promise<object>,
): void {
  df.app.activity(name, { handler: (input, context) => run(input, (text) => context.error(text)) });
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

export interface ReadOptions {
  readonly withInput?: boolean;
  readonly withHistory?: boolean;
}

/** The instances of the task hub, as far as this library uses them. */
export interface Instances {
  /** Rejects on anything but success; an ended instance of that id may be replaced, so look first. */
  start(orchestrator: string, instanceId: string, input: object): Promise<void>;
  /** As {@link start}, then waits for the end, but not longer than this; how it ended is for {@link read} to say. */
  startAndWait(orchestrator: string, instanceId: string, input: object, timeoutMs: number): Promise<void>;
  /** @returns undefined for an unknown instance */
  read(instanceId: string, options?: ReadOptions): Promise<Instance | undefined>;
  /** Has no effect on an instance that has ended, and says nothing about it. */
  raiseEvent(instanceId: string, eventName: string, data: object): Promise<void>;
}

/** What the host binds to {@link durableClientInput}; its URLs are loopback or carry a key, so they stay in here. */
const clientBinding = z.object({
  creationUrls: z.object({ createAndWaitOnNewInstancePostUri: z.string() }),
  managementUrls: z.object({ id: z.string(), statusQueryGetUri: z.string() }),
  rpcBaseUrl: z.string().nullish(),
});
type ClientBinding = z.infer<typeof clientBinding>;

/**
 * The instances that the function of this context may reach; it has to have {@link durableClientInput}. The SDK does not
 * encode ids, so that is done here.
 */
export function instancesOf(context: InvocationContext): Instances {
  const client = df.getClient(context);
  const binding = clientBinding.parse(context.extraInputs.get(durableClientInput));
  return {
    async start(orchestrator, instanceId, input) {
      await client.startNew(orchestrator, { instanceId: encodeURIComponent(instanceId), input });
    },
    async startAndWait(orchestrator, instanceId, input, timeoutMs) {
      const url = createAndWaitUrl(binding, orchestrator, instanceId, timeoutMs);
      const headers = { "content-type": "application/json" };
      await expectSuccess(await fetch(url, { method: "POST", headers, body: JSON.stringify(input) }), "start");
    },
    async read(instanceId, options) {
      const response = await fetch(instanceUrl(binding, instanceId, options));
      if (response.status !== 404) return instance.parse(JSON.parse(await expectSuccess(response, "status query")));
      await response.body?.cancel();
      return undefined;
    },
    raiseEvent: (instanceId, eventName, data) =>
      client.raiseEvent(encodeURIComponent(instanceId), encodeURIComponent(eventName), data),
  };
}

/**
 * The SDK's own `getStatus` loses the history and cannot leave the input out (its plan is larger than all the rest), so
 * the status comes straight from the endpoint that the SDK uses.
 */
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

/** Waiting is the extension's own affair then: on one machine nobody has to poll for it. The SDK has no such call. */
function createAndWaitUrl(
  { creationUrls, rpcBaseUrl }: ClientBinding,
  orchestrator: string,
  instanceId: string,
  timeoutMs: number,
): URL {
  const path = `${encodeURIComponent(orchestrator)}/${encodeURIComponent(instanceId)}`;
  const template = "{functionName}[/{instanceId}]";
  const url = rpcBaseUrl
    ? new URL(`orchestrators/${path}`, rpcBaseUrl)
    : new URL(creationUrls.createAndWaitOnNewInstancePostUri.replace(template, () => path));
  url.searchParams.set("timeout", String(Math.ceil(timeoutMs / 1_000)));
  url.searchParams.set("pollingInterval", "1");
  return url;
}

async function expectSuccess(response: Response, what: string): Promise<string> {
  const text = await response.text();
  if (response.ok) return text;
  throw new Error(`The Durable extension answered a ${what} with ${response.status}: ${text}`);
}
