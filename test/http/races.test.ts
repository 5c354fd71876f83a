import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, vi } from "vitest";
import { createHttpRunner } from "../../src/client/index.ts";
import { createTaskHub } from "../../src/host/hub/create-task-hub.ts";
import { renderHistoryEvents } from "../../src/host/hub/render-history-events.ts";
import type { FunctionInvoker, TaskHub } from "../../src/host/hub/task-hub.ts";
import { type LocalHost, startHost } from "../../src/host/local-host.ts";
import { createMemoryStore } from "../../src/host/store/memory.ts";
import { racesSuite } from "../conformance/races.suite.ts";
import { runnerUnderTest } from "../conformance/runner-under-test.ts";
import { steeredHub } from "../durable/support/steered-hub.ts";

/** The local host with its doors, over a hub whose clock the test moves. */

vi.useFakeTimers({ toFake: ["Date"] });
const dataDir = mkdtempSync(join(tmpdir(), "durable-workflows-races-"));
let host: LocalHost;
let hub: TaskHub;
const steered = steeredHub(() => hub);

beforeAll(async () => {
  const appDir = fileURLToPath(new URL("./apps/conformance", import.meta.url));
  host = await startHost({ appDir, dataDir, port: 0 }, async () => {
    hub = createTaskHub({ store: createMemoryStore(), environment: steered.environment });
    const open = hub.open.bind(hub);
    return {
      hub: Object.assign(hub, { open: (functions: FunctionInvoker) => open(steered.around(functions)) }),
      async historyJson(instanceId, options) {
        const events = await hub.history(instanceId);
        return events && JSON.stringify(renderHistoryEvents(events, options));
      },
      runFile: () => Promise.reject(new Error("No run is exported here.")),
      schedules: { read: () => null, write: () => {} },
    };
  });
});

afterAll(async () => {
  await host.close();
  vi.useRealTimers();
  rmSync(dataDir, { recursive: true, force: true });
});

racesSuite({
  ...runnerUnderTest("over HTTP on the local host", () => createHttpRunner({ url: host.url })),
  ...steered,
});
