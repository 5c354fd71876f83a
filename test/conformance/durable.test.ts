import { afterAll, beforeAll } from "vitest";
import { registerDurableFunctions } from "../../src/durable/register.ts";
import { createDurableRunner } from "../../src/durable/runner.ts";
import { createTaskHub } from "../../src/host/hub/create-task-hub.ts";
import type { TaskHub } from "../../src/host/hub/task-hub.ts";
import { createMemoryStore } from "../../src/host/store/memory.ts";
import type { Run, RunEvent, Workflow } from "../../src/index.ts";
import { instancesOfHub } from "../durable/support/hub-instances.ts";
import { capturedFunctions } from "../support/capture-functions.ts";
import { conformance } from "./all-suites.ts";
import type { RunUnderTest } from "./runner-under-test.ts";
import { catalog } from "./workflows.ts";

registerDurableFunctions(catalog, []);

for (const [version, schema] of [
  ["V3", 2],
  ["V4", 3],
] as const) {
  let hub: TaskHub;
  beforeAll(async () => {
    hub = createTaskHub({ store: createMemoryStore(), schema });
    await hub.open(capturedFunctions());
  });
  afterAll(() => hub.close());

  conformance({
    name: `as an orchestration, replay schema ${version}`,
    async start(workflow, input, options) {
      // By name, the types of inputs and ports are not known: what the suites send is checked at run time.
      const untyped = catalog.get(workflow) as unknown as Workflow<unknown, unknown, string, never>;
      return underTest(await createDurableRunner(instancesOfHub(hub)).start(untyped, input, options));
    },
  });
}

function underTest(run: Run<unknown, never>): RunUnderTest {
  return {
    runId: run.runId,
    status: () => run.status(),
    respond: (request, response) =>
      "requestId" in request
        ? run.respond(request, response)
        : run.respond(request.eventName as never, response as never),
    cancel: (reason) => run.cancel(reason),
    end: () => run.wait(),
    async events() {
      const events: RunEvent[] = [];
      for await (const event of run.events()) events.push(event);
      return events;
    },
  };
}
