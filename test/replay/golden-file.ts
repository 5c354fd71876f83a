import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Instances } from "../../src/durable/sdk.ts";

/**
 * What is kept of a run of some version, for every later one to replay: what the host sent the orchestrator, what came back,
 * and what the reader of the history saw. One file a run, in the folder of the version that recorded it; a file is never
 * changed once its version is out.
 */
export interface GoldenFile {
  readonly format: 1;
  readonly scenario: string;
  readonly orchestrator: string;
  readonly instanceId: string;
  /** One for each time the orchestration began anew with `continueAsNew`; most runs have one. */
  readonly generations: readonly GoldenGeneration[];
  readonly read: GoldenReading;
}

export interface GoldenGeneration {
  /** What the host sent besides the history. */
  readonly trigger: object;
  readonly history: readonly object[];
  /** One for each time the host called the orchestrator. */
  readonly episodes: readonly GoldenEpisode[];
  /** The answer of the last episode, which has all commands of the earlier ones. */
  readonly answer: unknown;
}

interface GoldenEpisode {
  /** How many events of the history it had. */
  readonly length: number;
  /** SHA-256 of its answer as canonical JSON. */
  readonly answerHash: string;
}

export interface GoldenReading {
  /** What the instances answered while the run was read: method, arguments, answer. */
  readonly calls: readonly (readonly [string, readonly unknown[], unknown])[];
  readonly events: readonly unknown[];
  readonly status: unknown;
}

const FOLDER = fileURLToPath(new URL("./golden", import.meta.url));

export function goldenFiles(): string[] {
  if (!existsSync(FOLDER)) return [];
  return readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".json"))
    .sort();
}

/** @param file - `{version}/{scenario}.json` */
export function readGolden(file: string): GoldenFile {
  return JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as GoldenFile;
}

/** A line for each event of a history and each event of the run, so that a file can be looked into. */
export function writeGolden(file: string, { generations, read, ...run }: GoldenFile): void {
  const lines = (list: readonly unknown[]) => `[\n${list.map((one) => JSON.stringify(one)).join(",\n")}\n]`;
  const generation = ({ history, episodes, ...rest }: GoldenGeneration) =>
    `{"history":${lines(history)},"episodes":${lines(episodes)},${JSON.stringify(rest).slice(1)}`;
  const { events, ...reading } = read;
  const text =
    `${JSON.stringify(run).slice(0, -1)},"generations":[${generations.map(generation).join(",\n")}],\n` +
    `"read":{"events":${lines(events)},${JSON.stringify(reading).slice(1)}}\n`;
  const path = join(FOLDER, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Instances that note what they answer. */
export function notedInstances(instances: Instances): { instances: Instances; calls: GoldenReading["calls"] } {
  const calls: [string, unknown[], unknown][] = [];
  const noted = Object.entries(instances as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>).map(
    ([method, call]) => [
      method,
      async (...args: unknown[]) => {
        const answer = await call(...args);
        calls.push([method, args, answer]);
        return answer;
      },
    ],
  );
  return { instances: Object.fromEntries(noted) as unknown as Instances, calls };
}

/** Instances that answer as others did. */
export function instancesFrom(calls: GoldenReading["calls"]): Instances {
  const answers = new Map(calls.map(([method, args, answer]) => [JSON.stringify([method, args]), answer]));
  return new Proxy({} as Instances, {
    get:
      (_target, method) =>
      async (...args: unknown[]) => {
        const call = JSON.stringify([method, args]);
        if (!answers.has(call)) throw new Error(`The recorded instances were never asked for ${call}.`);
        return answers.get(call);
      },
  });
}
