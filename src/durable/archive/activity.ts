import type { WaitClock } from "../../remote/poll.ts";
import type { Archived } from "../../wire/archive.ts";
import { archiveCall } from "../call.ts";
import { recordedRun } from "../found-run.ts";
import type { Instances } from "../sdk.ts";
import { writeArchive } from "./archive.ts";

/**
 * The activity that archives the run events of the generation under way. It reads them from the history as everybody does
 * who asks for the events of a run: so the archive says what was told, with the same numbers and times. Where the history
 * has the call of this activity, the run stands still, so nothing is added to the events until it has ended.
 *
 * @throws when the events cannot be stored; the run goes on in its present generation, and tries again later
 */
export async function archiveEvents(instances: Instances, input: unknown, clock: WaitClock): Promise<Archived> {
  const { runId } = archiveCall.parse(input);
  const instance = await instances.read(runId, { withInput: true, withHistory: true });
  if (!instance) throw new Error(`There is no run ${JSON.stringify(runId)} any more.`);
  const { start, state, events } = recordedRun(instance);
  const { archiveParts = 0, createdAtMs = Date.parse(instance.createdTime) } = start.continued ?? {};
  const parts = await writeArchive(instances, { runId, seed: start.seed }, archiveParts, events, clock);
  return { format: 1, parts, lastNumber: events.at(-1)?.number ?? state.nextEventNumber - 1, createdAtMs };
}
