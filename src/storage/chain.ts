import { crc32 } from "node:zlib";

/**
 * Checksums for rows that belong together: each covers its row and the checksum of the row before, so a flipped bit shows,
 * and a row that is missing, in the wrong place, or of another list. (SQLite's own check does not see a changed text.)
 *
 * ```
 * what the list is of ──▶ start ──▶ crc(start, row 0) ──▶ crc(…, row 1) ──▶ crc(…, row 2)
 * ```
 */

/** @param identity - what never changes while the list grows; @param text - the longest part of it */
export function chainStart(identity: readonly unknown[], text: string): number {
  return crc32(text, crc32(JSON.stringify(identity)));
}

/** The checksum of a row that comes after one with the checksum `previous`. */
export function chainOn(previous: number, head: string, text: string): number {
  return crc32(text, crc32(head, previous));
}
