import type { LongSuite } from "../support/long-suite.ts";
import { inParts } from "../support/parts.ts";
import { type CheckedPrefixes, type PrefixCounts, type PrefixDraws, sumOf } from "./prefixes.ts";

export interface PrefixesResult extends CheckedPrefixes {
  /** The most that the process had at once. */
  readonly memoryMb: number;
}

/** Few enough for what one process holds, and enough to be worth its start. */
const HISTORIES_OF_PART = 50;

/**
 * Replays prefixes in processes of their own, and goes on when some are replayed otherwise: all of them are told.
 *
 * @returns a text for each history that was replayed otherwise, and for each process that died
 */
export async function checkPrefixesInParts(
  { histories, seed }: PrefixDraws,
  count: LongSuite["count"],
): Promise<string[]> {
  let [counts, memoryMb]: [PrefixCounts, number] = [{ generations: 0, prefixes: 0, longest: 0 }, 0];
  const failures: string[] = [];
  const works = Array.from({ length: Math.ceil(histories / HISTORIES_OF_PART) }, (_, place) => {
    const before = place * HISTORIES_OF_PART;
    return { seed: seed + before, histories: Math.min(HISTORIES_OF_PART, histories - before) };
  });
  await inParts<PrefixDraws, PrefixesResult>("test/replay/prefixes.part.ts", works, ({ work, result, output }) => {
    const about = `seeds ${work.seed} to ${work.seed + work.histories - 1}`;
    const told = result?.failures ?? [`The process that replayed ${about} died:\n${output}`];
    const summary = `${new Date().toISOString()} ${about}: ${told.length} failed, ${result?.memoryMb} MB`;
    console.log([summary, ...told].join("\n"));
    failures.push(...told);
    if (!result) return;
    counts = sumOf(counts, result);
    memoryMb = Math.max(memoryMb, result.memoryMb);
  });
  count("histories", histories);
  count("generations of them", counts.generations);
  count("prefixes", counts.prefixes);
  count("events in the longest history", counts.longest);
  count("most memory of a process, MB", memoryMb);
  return failures;
}
