import { initialSchema } from "./0001-initial-schema.ts";
import { entities } from "./0002-entities.ts";
import { historyChecksums } from "./0003-history-checksums.ts";
import { schedules } from "./0004-schedules.ts";

/** In order; the place in this list, counted from 1, is the schema version that the step leads to. Never edited. */
export const MIGRATIONS: readonly string[] = [initialSchema, entities, historyChecksums, schedules];
