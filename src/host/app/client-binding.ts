/** Where the parts of the durable API are found; `rpcBaseUrl` ends in a slash and needs no key. */
export interface DurableUrls {
  readonly webhookUrl: string;
  readonly rpcBaseUrl: string;
  readonly hubName: string;
  readonly systemKey: string;
}

const ID = "INSTANCEID";

/**
 * What a durable client binding receives: the SDK sends every call to `rpcBaseUrl` and hands the other URLs out.
 *
 * @returns JSON text
 */
export function clientBindingJson(urls: DurableUrls): string {
  const { webhookUrl, rpcBaseUrl, hubName, systemKey } = urls;
  const required = `code=${systemKey}`;
  return JSON.stringify({
    taskHubName: hubName,
    connectionName: null,
    creationUrls: {
      createNewInstancePostUri: `${webhookUrl}/orchestrators/{functionName}[/{instanceId}]?${required}`,
      createAndWaitOnNewInstancePostUri: `${webhookUrl}/orchestrators/{functionName}[/{instanceId}]?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&${required}`,
    },
    managementUrls: managementUrls(urls, ID),
    baseUrl: webhookUrl,
    requiredQueryStringParameters: required,
    rpcBaseUrl,
  });
}

/** The links to one instance, under the names that the extension gives them. */
export function managementUrls(urls: DurableUrls, instanceId: string): Record<string, string> {
  const query = `taskHub=${encodeURIComponent(urls.hubName)}&connection=Storage&code=${urls.systemKey}`;
  const id = instanceId === ID ? ID : encodeURIComponent(instanceId);
  const instance = `${urls.webhookUrl}/instances/${id}`;
  return {
    id: instanceId,
    statusQueryGetUri: `${instance}?${query}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
    rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${instance}?${query}`,
    restartPostUri: `${instance}/restart?${query}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
    resumePostUri: `${instance}/resume?reason={text}&${query}`,
  };
}
