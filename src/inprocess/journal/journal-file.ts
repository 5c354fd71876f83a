import type { DatabaseSync } from "node:sqlite";
import { type DatabaseKind, openDatabaseFile } from "../../storage/database-file.ts";
import { DELETE_UNUSED_PLANS, MIGRATIONS } from "./schema.ts";

const JOURNAL: DatabaseKind = {
  name: "journal",
  applicationId: 0x64_77_6a_6c, // "dwjl" in ASCII
  migrations: MIGRATIONS,
  whenInUse: "End that process, or open another file.",
  whenNewer: "Use the newer version that wrote it, or choose another file.",
  whenUnreadable: "Check the path, that this user may write it, and that it is a journal.",
};

/** Opens the file and owns it until it is closed or the process dies. */
export async function openJournalFile(file: string): Promise<DatabaseSync> {
  const database = await openDatabaseFile(file, JOURNAL);
  database.exec(DELETE_UNUSED_PLANS);
  return database;
}
