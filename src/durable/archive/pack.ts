import type { ArchivePart } from "../../wire/archive.ts";
import { type RecordedEvent, recordedEvent } from "../../wire/run-event.ts";

/** Entities are kept under 256 KB, so that every backend can hold one. */
const MAX_PART_BYTES = 240 * 1024;
/** What stands in a part besides its lines. */
const FRAME_BYTES = 100;
/** One character of text takes 6 bytes at most, as `\u0000`. */
const BYTES_PER_CHAR = 6;

/** Packs events into parts; more events fill up the last part and add others, and change none before it. */
export function packEvents(events: readonly RecordedEvent[], maxBytes = MAX_PART_BYTES): ArchivePart[] {
  const roomBytes = maxBytes - FRAME_BYTES;
  const parts: ArchivePart[] = [];
  let lines: string[] = [];
  let bytes = 0;
  let lastNumber = (events[0]?.number ?? 1) - 1;
  const close = (isCut: boolean) => {
    if (lines.length > 0) parts.push({ format: 1, lastNumber, lines, isCut });
    lines = [];
    bytes = 0;
  };
  for (const event of events) {
    const line = JSON.stringify(event);
    const pieces = bytesOf(line) > roomBytes ? cut(line, Math.floor(roomBytes / BYTES_PER_CHAR)) : [line];
    for (const [place, piece] of pieces.entries()) {
      if (place > 0 || bytes + bytesOf(piece) > roomBytes) close(place > 0);
      lines.push(piece);
      bytes += bytesOf(piece);
    }
    lastNumber = event.number;
  }
  close(false);
  return parts;
}

/** The lines of parts that follow each other, as events. A line that is cut off at either end is left out. */
export function unpackEvents(parts: readonly ArchivePart[]): RecordedEvent[] {
  const lines: string[] = [];
  let begun: string | null = null;
  for (const { lines: held, isCut } of parts) {
    const [first, ...others] = held;
    if (first === undefined) continue;
    lines.push(...[(begun ?? "") + first, ...others]);
    begun = isCut ? (lines.pop() ?? null) : null;
  }
  return lines.map((line) => recordedEvent.parse(JSON.parse(line)));
}

function bytesOf(line: string): number {
  return Buffer.byteLength(JSON.stringify(line)) + 1;
}

/** Pieces of at most so many characters; a pair that stands for one character is not parted. */
function cut(line: string, maxChars: number): string[] {
  const pieces: string[] = [];
  for (let start = 0; start < line.length; ) {
    const end = start + maxChars;
    const isParted = end < line.length && /[\uD800-\uDBFF]/.test(line.charAt(end - 1));
    pieces.push(line.slice(start, isParted ? end - 1 : end));
    start = isParted ? end - 1 : end;
  }
  return pieces;
}
