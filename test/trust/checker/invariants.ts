import type { EpisodeSettings } from "../../../src/host/hub/episode.ts";
import type { FunctionInvoker } from "../../../src/host/hub/task-hub.ts";
import { type Evidence, NO_EVIDENCE } from "./evidence.ts";
import type { Exported } from "./exported.ts";
import { historyViolations } from "./history.ts";
import { messageViolations } from "./messages.ts";
import { livenessViolations, openWorkViolations } from "./open-work.ts";
import { outsideViolations } from "./outside.ts";
import { replayViolations } from "./replays.ts";
import { runViolations } from "./runs.ts";

/**
 * The invariants of a hub, over what it has on disk and what was seen of it from outside. Each sentence that comes back
 * begins with the name of the invariant that does not hold:
 *
 * - I1 histories and run events are numbered without a gap, and the chain of checksums is whole
 * - I2 what was acknowledged is there, once
 * - I3 a task has one outcome, a call of an executor one end
 * - I4 nothing is scheduled without a cause, and no outcome comes without its schedule
 * - I5 a request has one winner
 * - I6 the end is last
 * - I7 status and open work are what the history says
 * - I8 a replay decides the same, any number of times, and a repeated call is given the same
 * - I9 messages keep their order, and a fan-in the order of its edges
 * - I10 shared state changes between supersteps, by one writer
 * - I11 nothing is tried more often than allowed
 * - I12 no activity is called before its schedule is on disk
 * - I13 what is open waits for something
 * - I14 outcomes have calls, and without a crash one each
 *
 * I15, that bytes on disk fall after a purge, is not seen in an exported run: `purge.test.ts` looks at the files.
 */
export function violationsIn(exported: Exported, evidence: Evidence = NO_EVIDENCE): string[] {
  return [
    ...exported.instances.flatMap(historyViolations),
    ...exported.instances.flatMap(runViolations),
    ...exported.instances.flatMap((instance) => messageViolations(instance, evidence)),
    ...openWorkViolations(exported),
    ...livenessViolations(exported, evidence),
    ...outsideViolations(exported, evidence),
  ];
}

/** I8 on top of {@link violationsIn}: it calls every orchestrator twice for every prefix of every history. */
export async function replayViolationsIn(
  exported: Exported,
  functions: FunctionInvoker,
  settings: Partial<EpisodeSettings> = {},
): Promise<string[]> {
  const violations: string[] = [];
  for (const instance of exported.instances)
    violations.push(...(await replayViolations(instance, functions, settings)));
  return violations;
}
