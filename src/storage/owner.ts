import { readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { z } from "zod";

const owner = z.object({ pid: z.number(), host: z.string(), since: z.string() });

/**
 * Writes down who owns the file, for the sentence that refuses the next one. The lock decides, not this note: it stays
 * behind after a kill, and pids are used again.
 */
export function claimFile(file: string): void {
  const note = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  writeFileSync(noteOf(file), JSON.stringify(note), { mode: 0o600 });
}

export function claimedBy(file: string): string {
  try {
    const { pid, host, since } = owner.parse(JSON.parse(readFileSync(noteOf(file), "utf8")));
    return `process ${pid} on ${host}, since ${since}`;
  } catch {
    // No note, or half of one: the owner is just starting.
    return "another process";
  }
}

function noteOf(file: string): string {
  return `${file}.owner`;
}
