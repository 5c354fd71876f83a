import { afterAll, beforeAll, describe, vi } from "vitest";
import { registerDurableFunctions } from "../../src/durable/register.ts";
import { createDurableRunner } from "../../src/durable/runner.ts";
import { createTaskHub } from "../../src/host/hub/create-task-hub.ts";
import type { TaskHub } from "../../src/host/hub/task-hub.ts";
import { createMemoryStore } from "../../src/host/store/memory.ts";
import { racesSuite } from "../conformance/races.suite.ts";
import { runnerUnderTest } from "../conformance/runner-under-test.ts";
import { catalog } from "../conformance/workflows.ts";
import { capturedFunctions } from "../support/capture-functions.ts";
import { instancesOfHub } from "./support/hub-instances.ts";
import { steeredHub } from "./support/steered-hub.ts";

for (const [version, schema] of [
  ["V3", 2],
  ["V4", 3],
] as const) {
  describe(`replay schema ${version}`, () => {
    let hub: TaskHub;
    vi.useFakeTimers({ toFake: ["Date"] });
    const steered = steeredHub(() => hub);
    beforeAll(async () => {
      hub = createTaskHub({ store: createMemoryStore(), schema, environment: steered.environment });
      registerDurableFunctions(catalog, [], { instances: () => instancesOfHub(hub) });
      await hub.open(steered.around(capturedFunctions()));
    });
    afterAll(async () => {
      await hub.close();
      vi.useRealTimers();
    });

    racesSuite({
      ...runnerUnderTest(`as an orchestration, replay schema ${version}`, () =>
        createDurableRunner(instancesOfHub(hub)),
      ),
      ...steered,
    });
  });
}
