import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

export interface McpConnection {
  readonly client: Client;
  readonly transport: StreamableHTTPClientTransport;
}

/** The official MCP client, connected to the MCP endpoint of a host over HTTP. */
export async function connectMcp(
  hostUrl: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<McpConnection> {
  const client = new Client({ name: "test", version: "1" });
  const transport = new StreamableHTTPClientTransport(new URL(`${hostUrl}/runtime/webhooks/mcp`), {
    requestInit: { headers },
  });
  // The SDK declares optional members without `undefined`, which `exactOptionalPropertyTypes` tells apart.
  await client.connect(transport as Parameters<Client["connect"]>[0]);
  return { client, transport };
}
