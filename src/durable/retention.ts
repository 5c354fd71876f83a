import { z } from "zod";
import { agentOfTurns, orchestratorName } from "../wire/durable-names.ts";
import { deleteArchive } from "./archive/archive.ts";
import { ENDED, hasEnded } from "./found-run.ts";
import type { Instance, Instances } from "./sdk.ts";
import { runIdOf } from "./threads/turns.ts";

/** What is needed to find the archive of a run, whatever version started it. */
const archived = z.object({
  seed: z.string(),
  continued: z.object({ archiveParts: z.int() }).optional(),
});

/**
 * Deletes an ended run: first what is archived of it, then the run itself. Until that is gone the run is there, with all
 * that is needed to find its archive; so whatever a crash leaves is finished by the next one who deletes it.
 */
export async function purgeRun(instances: Instances, runId: string): Promise<void> {
  const instance = await instances.read(runId, { withInput: true });
  if (!instance || !hasEnded(instance)) return;
  const { seed, continued } = archived.safeParse(instance.input).data ?? {};
  if (seed !== undefined) await deleteArchive(instances, { runId, seed }, continued?.archiveParts ?? 0);
  await instances.purge(runId);
}

export interface Retention {
  /** Only orchestrations of these names are runs, without case. Turns with agents are known by theirs, served or not. */
  readonly orchestrators: readonly string[];
  /** Runs that ended before this are deleted, in milliseconds since 1970. */
  readonly endedBeforeMs: number;
  /** When to leave the rest for the next time, by `nowMs`. */
  readonly stopAtMs: number;
  readonly nowMs: () => number;
  readonly logError: (text: string) => void;
}

/** How many runs are deleted at once. */
const AT_ONCE = 8;

/**
 * Deletes the runs that ended long enough ago, and the turns with agents, also with those that are not served any more. One
 * that cannot be deleted is left for the next time, and the log says why.
 *
 * @returns how many were deleted
 */
export async function purgeEndedRuns(instances: Instances, retention: Retention): Promise<number> {
  const { endedBeforeMs, stopAtMs, nowMs, logError } = retention;
  const orchestrators = new Set(retention.orchestrators.map((name) => name.toLowerCase()));
  const isKnown = ({ name }: Instance) => orchestrators.has(name.toLowerCase());
  const isOver = (one: Instance) => hasEnded(one) && Date.parse(one.lastUpdatedTime) < endedBeforeMs;
  let count = 0;
  let next: string | undefined;
  do {
    // Whatever ended before a time was created before it.
    const page = await instances.list({ runtimeStatus: ENDED, createdToMs: endedBeforeMs }, next);
    const over = page.instances.filter((one) => isOver(one) && (isKnown(one) || agentOfTurns(one.name) !== undefined));
    for (let first = 0; first < over.length && nowMs() < stopAtMs; first += AT_ONCE) {
      const purged = await Promise.all(
        over.slice(first, first + AT_ONCE).map((one) => purgeOrTell(instances, one, { isKnown, isOver, logError })),
      );
      count += purged.filter(Boolean).length;
    }
    next = page.next;
  } while (next !== undefined && nowMs() < stopAtMs);
  return count;
}

interface Kept {
  readonly isKnown: (instance: Instance) => boolean;
  readonly isOver: (instance: Instance) => boolean;
  readonly logError: (text: string) => void;
}

async function purgeOrTell(instances: Instances, instance: Instance, kept: Kept): Promise<boolean> {
  try {
    if (!(await purgeRunOfTurn(instances, instance, kept))) return false;
    await purgeRun(instances, instance.instanceId);
    return true;
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const runId = JSON.stringify(instance.instanceId);
    kept.logError(`Run ${runId} could not be deleted and is tried again next time: ${reason}`);
    return false;
  }
}

/**
 * The run of an agent that is not served any more is found by its turn alone: it goes first, and the turn stays for as long
 * as it does.
 *
 * @returns whether the turn may go
 */
async function purgeRunOfTurn(instances: Instances, turn: Instance, { isKnown, isOver }: Kept): Promise<boolean> {
  const agent = agentOfTurns(turn.name);
  if (agent === undefined) return true;
  const run = await instances.read(runIdOf(turn.instanceId));
  // The turn never came to a run, the run is deleted already, or it is listed by itself.
  if (run?.name.toLowerCase() !== orchestratorName(agent).toLowerCase() || isKnown(run)) return true;
  if (!isOver(run)) return false;
  await purgeRun(instances, run.instanceId);
  return true;
}
