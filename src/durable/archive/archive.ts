import { WorkflowError } from "../../errors.ts";
import { pollUntil, type WaitClock } from "../../remote/poll.ts";
import { type ArchiveOwner, type ArchivePart, archiveKey, archivePart } from "../../wire/archive.ts";
import { ARCHIVE_ENTITY } from "../../wire/durable-names.ts";
import type { RecordedEvent } from "../../wire/run-event.ts";
import type { Instances } from "../sdk.ts";
import { type ArchiveOperation, lengthOf } from "./entity.ts";
import { packEvents, unpackEvents } from "./pack.ts";

/** How long an entity may take to show what it was sent; then the run goes on without, and tries again later. */
const LONGEST_WAIT_MS = 30_000;
/** About how many characters of events one reading gives. */
const PAGE_CHARS = 1024 * 1024;

/**
 * Writes events behind the first `partsBefore` parts of an archive, and waits until they can be read. Doing it again, with
 * the same events or with more, comes to the same.
 *
 * @returns how many parts the archive has then
 * @throws {WorkflowError} `HOST_UNAVAILABLE` when the host has not stored them in time
 */
export async function writeArchive(
  instances: Instances,
  owner: ArchiveOwner,
  partsBefore: number,
  events: readonly RecordedEvent[],
  clock: WaitClock,
): Promise<number> {
  const parts = packEvents(events);
  // One after the other: a part is there only if those before it are, so that all of them can be found again.
  for (const [place, part] of parts.entries()) {
    await signal(instances, owner, partsBefore + place, "put", part);
    const read = () => readPart(instances, owner, partsBefore + place);
    const isThere = (seen: ArchivePart | undefined) => seen !== undefined && lengthOf(seen) >= lengthOf(part);
    if (!isThere(await pollUntil(read, isThere, LONGEST_WAIT_MS, clock))) throw notStored(owner);
  }
  return partsBefore + parts.length;
}

/**
 * Events of an archive, as many as make a page.
 *
 * @param after - leaves out the events up to this number
 * @throws {WorkflowError} `RUN_NOT_FOUND` when the archive is being deleted
 */
export async function readArchive(
  instances: Instances,
  owner: ArchiveOwner,
  parts: number,
  after: number,
): Promise<RecordedEvent[]> {
  const first = await firstPartBehind(instances, owner, parts, after);
  const read: ArchivePart[] = [];
  let chars = 0;
  for (let part = first; part < parts && (chars < PAGE_CHARS || read.at(-1)?.isCut); part++) {
    const next = await expectPart(instances, owner, part);
    chars += lengthOf(next);
    read.push(next);
  }
  return unpackEvents(read).filter(({ number }) => number > after);
}

/** Deletes an archive, also the parts behind the known ones: a generation that went on after all may have left some. */
export async function deleteArchive(instances: Instances, owner: ArchiveOwner, knownParts: number): Promise<void> {
  let parts = knownParts;
  while (await readPart(instances, owner, parts)) parts++;
  // From the end: what a crash leaves begins with the first part still, and is found again.
  for (let part = parts - 1; part >= 0; part--) await signal(instances, owner, part, "delete", {});
}

/** The part in which the event behind this number begins. */
async function firstPartBehind(
  instances: Instances,
  owner: ArchiveOwner,
  parts: number,
  after: number,
): Promise<number> {
  let [low, high] = [0, parts - 1];
  if (after === 0) return low;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((await expectPart(instances, owner, middle)).lastNumber > after) high = middle;
    else low = middle + 1;
  }
  while (low > 0 && (await expectPart(instances, owner, low - 1)).isCut) low--;
  return low;
}

async function expectPart(instances: Instances, owner: ArchiveOwner, part: number): Promise<ArchivePart> {
  const found = await readPart(instances, owner, part);
  if (found) return found;
  throw new WorkflowError(
    "RUN_NOT_FOUND",
    `Run ${JSON.stringify(owner.runId)} is being deleted: its events are not there any more.`,
    "Start it again if you need it.",
  );
}

async function readPart(instances: Instances, owner: ArchiveOwner, part: number): Promise<ArchivePart | undefined> {
  return archivePart.safeParse(await instances.readEntity(ARCHIVE_ENTITY, archiveKey(owner, part))).data;
}

async function signal(
  instances: Instances,
  owner: ArchiveOwner,
  part: number,
  operation: ArchiveOperation,
  input: object,
): Promise<void> {
  await instances.signalEntity(ARCHIVE_ENTITY, archiveKey(owner, part), operation, input);
}

function notStored({ runId }: ArchiveOwner): WorkflowError {
  return new WorkflowError(
    "HOST_UNAVAILABLE",
    `The host has not stored the events of run "${runId}" within ${LONGEST_WAIT_MS / 1_000} s.`,
    "The run goes on and tries again; look into the log of the host if it stays so.",
  );
}
