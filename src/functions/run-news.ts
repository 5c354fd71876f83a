import { waitForEvents } from "../durable/events.ts";
import type { Instances } from "../durable/sdk.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import type { UpdateChannel, UpdatePage } from "../updates/update-channel.ts";
import { type RunUpdate, readUpdate } from "../wire/live-update.ts";
import type { EventPage } from "../wire/run-event.ts";

/** Pieces of a model's answer come one by one; a reader gets those of this many milliseconds at once. */
const GATHER_MS = 40;

/** What is new of a run. */
export interface RunNews {
  readonly page: EventPage;
  /** What calls told while they went on; not recorded, and not repeated to who comes late. */
  readonly updates: readonly RunUpdate[];
  /** Where the updates end, so that a reader who comes back misses none; undefined for one who wants none. */
  readonly position: string | undefined;
}

export interface NewsQuery {
  /** Number of the last event the reader has. */
  readonly after: number;
  readonly waitMs: number;
  /** Where the updates are read from, for a reader who wants them. */
  readonly channel: UpdateChannel | undefined;
  /** Where the reader's updates ended. */
  readonly position: string | undefined;
  /** Gets why a channel could not be read: the events come all the same. */
  readonly logError: (error: unknown) => void;
}

/**
 * Waits for an event or an update, whichever comes first.
 *
 * @throws {WorkflowError} `RUN_NOT_FOUND`
 */
export async function waitForNews(
  instances: Instances,
  workflow: WorkflowNode,
  runId: string,
  { after, waitMs, channel, position, logError }: NewsQuery,
): Promise<RunNews> {
  if (!channel) {
    return { page: await waitForEvents(instances, workflow, runId, { after, waitMs }), updates: [], position };
  }
  const read = (from: string | undefined, signal: AbortSignal) =>
    channel.read(runId, from, signal).catch((error: unknown) => {
      logError(error);
      return { updates: [], position: from };
    });
  const [told, over] = [new AbortController(), new AbortController()];
  const known = await read(position, AbortSignal.abort());
  const waiting = untilTold(known.updates.length > 0 || read(known.position, over.signal)).then(() => told.abort());
  try {
    const page = await waitForEvents(instances, workflow, runId, { after, waitMs, interrupt: told.signal });
    const more = await read(known.position, AbortSignal.abort());
    const updates = [...known.updates, ...more.updates].map(readUpdate);
    return { page, updates, position: more.position };
  } finally {
    over.abort();
    await waiting;
  }
}

/** Resolves a little after something was told; at once when the reader gave up before. */
async function untilTold(told: true | Promise<Pick<UpdatePage, "updates">>): Promise<void> {
  if (told !== true && (await told).updates.length === 0) return;
  await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
}
