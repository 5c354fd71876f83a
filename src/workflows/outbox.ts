import { createHash } from "node:crypto";
import { dataFile } from "./data-folder.ts";
import { writeOnce } from "./write-once.ts";

export interface Email {
  readonly to: string;
  readonly subject: string;
  readonly body: string;
}

/**
 * Puts an e-mail into the outbox folder, for whatever delivers mail to pick up.
 *
 * @param id - the same for every attempt at the same e-mail: it is sent once, however often a call is repeated
 */
export async function sendToOutbox(id: string, email: Email): Promise<void> {
  // A crash in between sends nothing twice.
  await writeOnce(dataFile("outbox", `${fileNameOf(id)}.json`), { id, ...email });
}

/** An id may be longer than a file name, and hold what a file name may not. */
function fileNameOf(id: string): string {
  return createHash("sha256").update(id).digest("hex").slice(0, 32);
}
