import { z } from "zod";
import { type ArchivePart, archivePart } from "../../wire/archive.ts";

/** Puts a part, or deletes the entity. */
export type ArchiveOperation = "put" | "delete";

const operation = z.discriminatedUnion("name", [
  z.object({ name: z.literal("put"), input: archivePart }),
  z.object({ name: z.literal("delete") }),
]);

/**
 * What an entity of the archive does. A part that is put again is the same, or the beginning of the one that is there, or
 * goes on where that one ends: the longer one is kept, so that late and repeated messages change nothing.
 *
 * @returns the new state; null deletes the entity
 */
export function operateArchive(state: unknown, name: string, input: unknown): ArchivePart | null {
  const kept = archivePart.safeParse(state).data ?? null;
  const asked = operation.safeParse({ name, input }).data;
  // Whoever holds the host's key may signal anything: what is no operation of ours changes nothing.
  if (!asked) return kept;
  if (asked.name === "delete") return null;
  return kept && lengthOf(kept) >= lengthOf(asked.input) ? kept : asked.input;
}

/** How much of the run a part holds. */
export function lengthOf({ lines }: ArchivePart): number {
  return lines.reduce((chars, line) => chars + line.length, 0);
}
