import { z } from "zod";
import { WorkflowError } from "./errors.ts";
import { DEFAULT_GENERATION_LIMITS, type GenerationLimits } from "./wire/run-start.ts";

/** What the settings of the app say, with defaults filled in. */
export interface Config {
  /** Days that an ended run is kept. */
  readonly retentionDays: number;
  /** Days that a conversation with an agent is kept after its last turn. */
  readonly threadTtlDays: number;
  /** How much one generation of a long run holds; runs keep what they were started with. */
  readonly generationLimits: GenerationLimits;
}

const DEFAULT_RETENTION_DAYS = 30;
const DEFAULT_THREAD_TTL_DAYS = 14;
const MOST_DAYS = 36_500;
/** An orchestration may ask for 100,000 things at most, and a superstep asks for 100 unless its workflow sets more. */
const MOST_SUPERSTEPS = 10_000;
const MOST_CHARS = 64 * 1024 * 1024;

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws {WorkflowError} `SETTING_INVALID` */
export function readConfig(environment: Environment): Config {
  const { maxSupersteps, maxChars } = DEFAULT_GENERATION_LIMITS;
  return {
    retentionDays: readWholeNumber(environment, "RUN_RETENTION_DAYS", DEFAULT_RETENTION_DAYS, MOST_DAYS),
    threadTtlDays: readWholeNumber(environment, "AGENT_THREAD_TTL_DAYS", DEFAULT_THREAD_TTL_DAYS, MOST_DAYS),
    generationLimits: {
      maxSupersteps: readWholeNumber(environment, "RUN_GENERATION_SUPERSTEPS", maxSupersteps, MOST_SUPERSTEPS),
      maxChars: readWholeNumber(environment, "RUN_GENERATION_CHARS", maxChars, MOST_CHARS),
    },
  };
}

/** Azure has no way to take a setting away from one slot, so an empty one counts as none. */
function readWholeNumber(environment: Environment, name: string, byDefault: number, max: number): number {
  const text = environment[name]?.trim();
  if (!text) return byDefault;
  const number = z.coerce
    .number()
    .int()
    .min(1)
    .max(max)
    .safeParse(/^\d+$/.test(text) ? text : Number.NaN);
  if (number.success) return number.data;
  throw new WorkflowError(
    "SETTING_INVALID",
    `The setting ${name} is ${JSON.stringify(text)}.`,
    `Set it to a whole number from 1 to ${max}, or leave it out for ${byDefault}.`,
  );
}
