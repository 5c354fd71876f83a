import { expect, it } from "vitest";
import { connectMcp } from "../support/mcp-client.ts";
import { callTool, textOf } from "../support/tool-answer.ts";
import { serveTestApp } from "./support.ts";

const api = serveTestApp();

/** `@azure/functions` copies what triggers tell key by key, and so sets `__proto__` where arguments of a tool have it. */
it("refuse, as arguments of a tool, what JSON bodies may not hold either", async () => {
  const { client } = await connectMcp(api.url);
  const given = JSON.parse('{"input": {"__proto__": {"admin": true}}}');
  const answer = await callTool(client, "Greeting", given);
  expect([answer.isError, textOf(answer)]).toEqual([true, expect.stringMatching(/^BODY_NOT_JSON: .*__proto__/)]);
  await client.close();
});
