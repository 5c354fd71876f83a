import { z } from "zod";
import { sha256 } from "./json.ts";

/**
 * What one archive entity holds: run events as JSON text, in order. The events of a run go through its entities as through
 * the pages of a book; one that does not fit is cut, and goes on with the first line of the next part.
 */
export const archivePart = z.object({
  format: z.literal(1),
  /** The number of the last event that is whole by the end of this part. */
  lastNumber: z.int(),
  lines: z.array(z.string()),
  /** The last line goes on in the next part. */
  isCut: z.boolean(),
});
export type ArchivePart = z.infer<typeof archivePart>;

/** What the archiving of a generation comes to. */
export const archived = z.object({
  format: z.literal(1),
  /** How many entities hold events of the run now, those of earlier generations counted. */
  parts: z.int(),
  /** The number of the last event that is in the archive. */
  lastNumber: z.int(),
  /** When the host created the run's first generation. */
  createdAtMs: z.number(),
});
export type Archived = z.infer<typeof archived>;

/** Under which the parts of a run's archive are kept. Another run that gets the same id some day has another seed. */
export interface ArchiveOwner {
  readonly runId: string;
  readonly seed: string;
}

/** The key of a part's entity, short enough for every backend. */
export function archiveKey({ runId, seed }: ArchiveOwner, part: number): string {
  return `${sha256(JSON.stringify([runId, seed])).slice(0, 32)}-${part}`;
}
