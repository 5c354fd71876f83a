import { app } from "@azure/functions";
import { purgeEndedRuns } from "../durable/retention.ts";
import { durableClientInput } from "../durable/sdk.ts";
import { expireThreads } from "../durable/threads/kept-threads.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import { orchestratorName } from "../wire/durable-names.ts";
import type { Plan } from "../wire/plan.ts";
import type { Services } from "./services.ts";

/** 17 minutes past midnight, 6, 12 and 18 o'clock: when fewer others think of starting something. */
const SCHEDULE = "0 17 */6 * * *";
const DAY_MS = 24 * 60 * 60 * 1_000;
/** A function may take 5 minutes where nobody set more. Runs and conversations each have a share of it, used up or not by the other. */
const RUNS_MS = 3 * 60 * 1_000;
const THREADS_MS = 60 * 1_000;

interface KeptAgents {
  readonly agents: readonly WorkflowNode[];
  readonly threadTtlMs: number;
  readonly nowMs?: () => number;
}

/** Deletes runs that ended longer than `RUN_RETENTION_DAYS` ago, and conversations whose time is up. The setting `AzureWebJobs.retention.Disabled` turns it off. */
export function registerRetention(
  { catalog, instancesOf, config: { retentionDays } }: Services,
  recordedPlans: readonly Plan[],
  { agents, threadTtlMs, nowMs = () => Date.now() }: KeptAgents,
): void {
  const served = [...catalog.workflows, ...agents].map(({ name }) => name);
  const workflows = [...served, ...recordedPlans.map(({ workflow }) => workflow)];
  app.timer("retention", {
    schedule: SCHEDULE,
    extraInputs: [durableClientInput],
    handler: async (_timer, context) => {
      const startedAtMs = nowMs();
      const clock = { nowMs, logError: (text: string) => context.error(text) };
      const count = await purgeEndedRuns(instancesOf(context), {
        orchestrators: workflows.map(orchestratorName),
        endedBeforeMs: startedAtMs - retentionDays * DAY_MS,
        stopAtMs: startedAtMs + RUNS_MS,
        ...clock,
      });
      await expireThreads(instancesOf(context), agents, {
        idleSinceMs: startedAtMs - threadTtlMs,
        stopAtMs: nowMs() + THREADS_MS,
        ...clock,
      });
      if (count > 0) context.log(`Deleted ${count} runs that ended more than ${retentionDays} days ago.`);
    },
  });
}
