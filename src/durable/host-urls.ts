import { z } from "zod";

/** Where the Durable extension answers: each call as a URL, made from what the host binds. */

/** What the host binds to the extra input of a function that reaches instances; its URLs are loopback or carry a key. */
export const clientBinding = z.object({
  creationUrls: z.object({ createNewInstancePostUri: z.string(), createAndWaitOnNewInstancePostUri: z.string() }),
  managementUrls: z.object({
    id: z.string(),
    statusQueryGetUri: z.string(),
    sendEventPostUri: z.string(),
    suspendPostUri: z.string(),
    resumePostUri: z.string(),
    purgeHistoryDeleteUri: z.string(),
  }),
  baseUrl: z.string().nullish(),
  requiredQueryStringParameters: z.string().nullish(),
  rpcBaseUrl: z.string().nullish(),
});
export type ClientBinding = z.infer<typeof clientBinding>;

/** How many instances or entities a list gives at a time. */
export const PAGE_SIZE = 200;

export function instanceUrl(
  { managementUrls, rpcBaseUrl }: ClientBinding,
  instanceId: string,
  { withInput = false, withHistory = false }: { readonly withInput?: boolean; readonly withHistory?: boolean } = {},
): URL {
  const id = encodeURIComponent(instanceId);
  const url = rpcBaseUrl
    ? new URL(`instances/${id}`, rpcBaseUrl)
    : new URL(managementUrls.statusQueryGetUri.replace(managementUrls.id, () => id));
  url.searchParams.set("showInput", String(withInput));
  if (withHistory) {
    url.searchParams.set("showHistory", "true");
    url.searchParams.set("showHistoryOutput", "true");
  }
  return url;
}

export function eventUrl({ managementUrls, rpcBaseUrl }: ClientBinding, instanceId: string, eventName: string): URL {
  const [id, name] = [encodeURIComponent(instanceId), encodeURIComponent(eventName)];
  if (rpcBaseUrl) return new URL(`instances/${id}/raiseEvent/${name}`, rpcBaseUrl);
  const template = managementUrls.sendEventPostUri.replace("{eventName}", () => name);
  return new URL(template.replace(managementUrls.id, () => id));
}

interface Filter {
  readonly runtimeStatus?: readonly string[];
  readonly createdFromMs?: number;
  readonly createdToMs?: number;
}

export function listUrl({ managementUrls, rpcBaseUrl }: ClientBinding, filter: Filter): URL {
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

export function controlUrl(
  binding: ClientBinding,
  operation: "suspend" | "resume",
  instanceId: string,
  reason: string,
): URL {
  const { managementUrls, rpcBaseUrl } = binding;
  const id = encodeURIComponent(instanceId);
  const url = rpcBaseUrl
    ? new URL(`instances/${id}/${operation}`, rpcBaseUrl)
    : new URL(managementUrls[`${operation}PostUri`].replace(managementUrls.id, () => id));
  url.searchParams.set("reason", reason);
  return url;
}

export function purgeUrl({ managementUrls, rpcBaseUrl }: ClientBinding, instanceId: string): URL {
  const id = encodeURIComponent(instanceId);
  if (rpcBaseUrl) return new URL(`instances/${id}`, rpcBaseUrl);
  return new URL(managementUrls.purgeHistoryDeleteUri.replace(managementUrls.id, () => id));
}

export function entityUrl(
  { baseUrl, requiredQueryStringParameters, rpcBaseUrl }: ClientBinding,
  name: string,
  key?: string,
): URL {
  const path = ["entities", name, ...(key === undefined ? [] : [key])].map(encodeURIComponent).join("/");
  if (rpcBaseUrl) return new URL(path, rpcBaseUrl);
  return new URL(`${baseUrl}/${path}?${requiredQueryStringParameters ?? ""}`);
}

/** Waiting is the extension's own affair then: on one machine nobody has to poll for it. The SDK has no such call. */
export function createAndWaitUrl(
  binding: ClientBinding,
  orchestrator: string,
  instanceId: string,
  timeoutMs: number,
): URL {
  const url = creationUrl(binding, binding.creationUrls.createAndWaitOnNewInstancePostUri, orchestrator, instanceId);
  url.searchParams.set("timeout", String(Math.ceil(timeoutMs / 1_000)));
  url.searchParams.set("pollingInterval", "1");
  return url;
}

export function creationUrl(
  { rpcBaseUrl }: ClientBinding,
  template: string,
  orchestrator: string,
  instanceId: string,
): URL {
  const path = `${encodeURIComponent(orchestrator)}/${encodeURIComponent(instanceId)}`;
  return rpcBaseUrl
    ? new URL(`orchestrators/${path}`, rpcBaseUrl)
    : new URL(template.replace("{functionName}[/{instanceId}]", () => path));
}
