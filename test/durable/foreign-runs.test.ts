import { expect, it } from "vitest";
import { z } from "zod";
import { getRun } from "../../src/durable/client.ts";
import { waitForEvents } from "../../src/durable/events.ts";
import { deleteRun, rerunRun, resumeRun, suspendRun } from "../../src/durable/manage.ts";
import { cancelRun, respondToRun } from "../../src/durable/respond.ts";
import type { Instances } from "../../src/durable/sdk.ts";
import { defineCatalog, defineExecutor, defineRequestPort, WorkflowBuilder } from "../../src/index.ts";
import { serveDurably } from "./support/durable-runs.ts";

const ask = defineRequestPort({ id: "Ask", request: z.string(), response: z.string() });
const end = defineExecutor({ id: "End", input: z.string(), output: z.string(), handle: (text) => text });
const mine = new WorkflowBuilder("ForeignMine", ask).addEdge(ask, end).withOutputFrom(end).build();
const other = new WorkflowBuilder("ForeignOther", end).build();

const doors: Readonly<Record<string, (instances: Instances, runId: string) => Promise<unknown>>> = {
  status: (instances, runId) => getRun(instances, other, runId),
  events: (instances, runId) => waitForEvents(instances, other, runId, { after: 0, waitMs: 0 }),
  respond: (instances, runId) => respondToRun(instances, other, runId, { requestId: "Ask-1" }, "yes"),
  cancel: (instances, runId) => cancelRun(instances, other, runId),
  suspend: (instances, runId) => suspendRun(instances, other, runId),
  resume: (instances, runId) => resumeRun(instances, other, runId),
  rerun: (instances, runId) => rerunRun(instances, other, runId),
  delete: (instances, runId) => deleteRun(instances, other, runId),
};

// So an answer takes as long for the one as for the other, by construction: no clock has to be held against it.
it.each(Object.entries(doors))(
  "%s asks the host the same of a run of another workflow as of none: one status, without input and history",
  async (_door, knock) => {
    const { instances, runner } = await serveDurably(defineCatalog([mine, other]));
    await runner.start(mine, "well?", { runId: "theirs" });
    const asked: unknown[] = [];
    const noted = new Proxy(instances, {
      get:
        (target, name: keyof Instances) =>
        (...args: unknown[]) => {
          asked.push([name, ...args.slice(1)]);
          return (target[name] as (...args: unknown[]) => unknown)(...args);
        },
    });
    for (const runId of ["theirs", "nobodys"]) {
      asked.length = 0;
      await expect(knock(noted, runId)).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
      expect(asked.map((call) => JSON.stringify(call))).toEqual(['["read",{}]']);
    }
  },
);
