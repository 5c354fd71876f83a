import { z } from "zod";
import { deleteArchive } from "./archive/archive.ts";
import { ENDED, hasEnded } from "./found-run.ts";
import type { Instance, Instances } from "./sdk.ts";

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
  /** Only orchestrations of these names are runs; without case. */
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
 * Deletes the runs that ended long enough ago. One that cannot be deleted is left for the next time, and the log says why.
 *
 * @returns how many were deleted
 */
export async function purgeEndedRuns(instances: Instances, retention: Retention): Promise<number> {
  const { endedBeforeMs, stopAtMs, nowMs } = retention;
  const orchestrators = new Set(retention.orchestrators.map((name) => name.toLowerCase()));
  const isOver = ({ name, lastUpdatedTime }: Instance) =>
    orchestrators.has(name.toLowerCase()) && Date.parse(lastUpdatedTime) < endedBeforeMs;
  let count = 0;
  let next: string | undefined;
  do {
    // Whatever ended before a time was created before it.
    const page = await instances.list({ runtimeStatus: ENDED, createdToMs: endedBeforeMs }, next);
    const over = page.instances.filter(isOver).map(({ instanceId }) => instanceId);
    for (let first = 0; first < over.length && nowMs() < stopAtMs; first += AT_ONCE) {
      const purged = await Promise.all(
        over.slice(first, first + AT_ONCE).map((runId) => purgeOrTell(instances, runId, retention)),
      );
      count += purged.filter(Boolean).length;
    }
    next = page.next;
  } while (next !== undefined && nowMs() < stopAtMs);
  return count;
}

async function purgeOrTell(instances: Instances, runId: string, { logError }: Retention): Promise<boolean> {
  try {
    await purgeRun(instances, runId);
    return true;
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    logError(`Run ${JSON.stringify(runId)} could not be deleted and is tried again next time: ${reason}`);
    return false;
  }
}
