/**
 * The keys of host.json that the Functions host and the Durable extension know, in lower case. A key that is none of them
 * is most often misspelt, and the real host says nothing: the setting just has no effect.
 */
const TOP = [
  ...["$schema", "version", "functionTimeout", "extensionBundle", "telemetryMode", "logging", "extensions", "retry"],
  ...["aggregator", "concurrency", "customHandler", "functions", "healthMonitor", "id", "managedDependency", "queues"],
  ...["sendCanceledInvocationsToWorker", "singleton", "watchDirectories", "watchFiles"],
];
const HTTP = [
  ...["routePrefix", "maxConcurrentRequests", "maxOutstandingRequests", "dynamicThrottlesEnabled", "hsts"],
  "customHeaders",
];
const DURABLE_TASK = [
  ...["hubName", "storageProvider", "tracing", "notifications", "httpSettings", "useGracefulShutdown"],
  ...["maxConcurrentActivityFunctions", "maxConcurrentOrchestratorFunctions", "maxConcurrentEntityFunctions"],
  ...["maxEntityOperationBatchSize", "maxOrchestrationActions", "overridableExistingInstanceStates"],
  ...["storeInputsInOrchestrationHistory", "localRpcEndpointEnabled", "entityMessageReorderWindowInMinutes"],
  ...["extendedSessionsEnabled", "extendedSessionIdleTimeoutInSeconds", "maxQueuePollingInterval"],
  ...["rollbackEntityOperationsOnExceptions", "throwStatusExceptionsOnRaiseEvent", "logReplayEvents"],
  ...["defaultVersion", "versionMatchStrategy", "versionFailureStrategy", "useAppLease", "appLeaseOptions"],
  ...["grpcMaxMessageSize", "maxGrpcMessageSizeInBytes", "grpcHttpClientTimeout", "useSeparateQueueForEntityWorkItems"],
  ...["azureStorageConnectionStringName", "controlQueueBatchSize", "partitionCount", "traceInputsAndOutputs"],
];

/** The keys of `object` that are none of `known`, without case. */
function unknownIn(object: unknown, known: readonly string[]): string[] {
  if (typeof object !== "object" || object === null) return [];
  const names = known.map((name) => name.toLowerCase());
  return Object.keys(object).filter((key) => !names.includes(key.toLowerCase()));
}

/** @param hostJson - the content of host.json as it was parsed */
export function unknownHostKeys(hostJson: unknown): string[] {
  const { extensions } = Object(hostJson) as { extensions?: { http?: unknown; durableTask?: unknown } };
  return [
    ...unknownIn(hostJson, TOP),
    ...unknownIn(extensions?.http, HTTP).map((key) => `extensions.http.${key}`),
    ...unknownIn(extensions?.durableTask, DURABLE_TASK).map((key) => `extensions.durableTask.${key}`),
  ];
}

const LOCAL = ["IsEncrypted", "Values", "Host", "ConnectionStrings", "$schema"];
const LOCAL_HOST = ["LocalHttpPort", "LocalHttpAddress", "CORS", "CORSCredentials"];

/** @param localSettings - the content of local.settings.json as it was parsed */
export function unknownLocalKeys(localSettings: unknown): string[] {
  const { Host } = Object(localSettings) as { Host?: unknown };
  return [...unknownIn(localSettings, LOCAL), ...unknownIn(Host, LOCAL_HOST).map((key) => `Host.${key}`)];
}
