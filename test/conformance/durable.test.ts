import { afterAll, beforeAll, describe } from "vitest";
import { registerDurableFunctions } from "../../src/durable/register.ts";
import { createDurableRunner } from "../../src/durable/runner.ts";
import { createTaskHub } from "../../src/host/hub/create-task-hub.ts";
import type { TaskHub } from "../../src/host/hub/task-hub.ts";
import { createMemoryStore } from "../../src/host/store/memory.ts";
import { instancesOfHub } from "../durable/support/hub-instances.ts";
import { capturedFunctions } from "../support/capture-functions.ts";
import { conformance } from "./all-suites.ts";
import { runnerUnderTest } from "./runner-under-test.ts";
import { catalog } from "./workflows.ts";

for (const [version, schema] of [
  ["V3", 2],
  ["V4", 3],
] as const) {
  describe(`replay schema ${version}`, () => {
    let hub: TaskHub;
    beforeAll(async () => {
      hub = createTaskHub({ store: createMemoryStore(), schema });
      registerDurableFunctions(catalog, [], () => instancesOfHub(hub));
      await hub.open(capturedFunctions());
    });
    afterAll(() => hub.close());

    conformance(
      runnerUnderTest(`as an orchestration, replay schema ${version}`, () => createDurableRunner(instancesOfHub(hub))),
    );
  });
}
