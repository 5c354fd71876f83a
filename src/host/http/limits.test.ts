import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { LIMIT_VARIABLES, readLimits } from "./limits.ts";

it("has its defaults, and takes others from the environment", () => {
  expect(readLimits({})).toEqual({
    headersTimeoutMs: 10_000,
    requestTimeoutMs: 30_000,
    idleTimeoutMs: 60_000,
    maxConnections: 1_000,
    maxStreams: 200,
    maxBacklogBytes: 1_048_576,
    maxWaitingInstances: 10_000,
  });
  const environment = { DURABLE_HOST_IDLE_TIMEOUT_SECONDS: "5", DURABLE_HOST_MAX_STREAMS: "2" };
  expect(readLimits(environment)).toMatchObject({ idleTimeoutMs: 5_000, maxStreams: 2 });
});

it.each(["0", "-1", "many", "1.5"])("refuses %s", (text) => {
  expect(() => readLimits({ DURABLE_HOST_MAX_STREAMS: text })).toThrow(`DURABLE_HOST_MAX_STREAMS is "${text}".`);
});

it("is documented with every name and default", () => {
  const documented = readFileSync(new URL("../../../docs/local-host.md", import.meta.url), "utf8");
  const rows = Object.entries(LIMIT_VARIABLES).map(
    ([name, { value }]) => `| \`${name}\` | ${value.toLocaleString("en")} |`,
  );
  expect(rows.filter((row) => !documented.includes(row))).toEqual([]);
});
