import type { LongSuite } from "../support/long-suite.ts";
import { inParts } from "../support/parts.ts";
import type { Checked, Draws } from "./check-agreement.ts";
import { Features } from "./features.ts";

/** Random graphs for one process. */
export interface GraphsWork extends Draws {
  /** People act at any moment. */
  readonly isRestless: boolean;
}

export interface GraphsResult extends Omit<Checked, "features"> {
  readonly features: Readonly<Record<string, number>>;
  /** The most that the process had at once. */
  readonly memoryMb: number;
}

/** Few enough for what one process holds, and enough to be worth its start. */
const RUNS_OF_PART = 250;

/**
 * Looks at random graphs in processes of their own, and goes on when some do not hold: all of them are told.
 *
 * @returns a text for each graph that did not hold, and for each process that died
 */
export async function checkInParts(draws: readonly GraphsWork[], count: LongSuite["count"]): Promise<string[]> {
  const features = new Features();
  const failures: string[] = [];
  let [memoryMb, slowest] = [0, { seed: 0, seconds: 0 }];
  await inParts<GraphsWork, GraphsResult>("test/agreement/graphs.part.ts", draws.flatMap(partsOf), (part) => {
    const { work, result, output } = part;
    const about = `${work.isRestless ? "restless " : ""}seeds ${work.seed} to ${work.seed + work.runs - 1}`;
    const told = result?.failures ?? [`The process that looked at ${about} died:\n${output}`];
    console.log(
      [`${new Date().toISOString()} ${about}: ${told.length} failed, ${result?.memoryMb} MB`, ...told].join("\n"),
    );
    failures.push(...told);
    if (!result) return;
    memoryMb = Math.max(memoryMb, result.memoryMb);
    if (result.slowest.seconds > slowest.seconds) slowest = result.slowest;
    if (work.isRestless) return;
    for (const [feature, runs] of Object.entries(result.features)) features.add(feature, runs);
  });
  count("graphs with what in them", features.toString());
  count("slowest graph", `seed ${slowest.seed}, ${slowest.seconds} s`);
  count("most memory of a process, MB", memoryMb);
  return failures;
}

function partsOf({ seed, runs, isRestless }: GraphsWork): GraphsWork[] {
  return Array.from({ length: Math.ceil(runs / RUNS_OF_PART) }, (_, place) => {
    const before = place * RUNS_OF_PART;
    return { seed: seed + before, runs: Math.min(RUNS_OF_PART, runs - before), isRestless };
  });
}
