import { createHash, randomUUID } from "node:crypto";
import { link, mkdir, unlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { dataFile } from "./data-folder.ts";

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
  const file = dataFile("outbox", `${fileNameOf(id)}.json`);
  const draft = `${file}.${randomUUID()}`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(draft, `${JSON.stringify({ id, ...email }, null, 2)}\n`, { flush: true });
  // The name appears with the whole content behind it, or not at all; a crash in between sends nothing twice.
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  await unlink(draft);
}

/** An id may be longer than a file name, and hold what a file name may not. */
function fileNameOf(id: string): string {
  return createHash("sha256").update(id).digest("hex").slice(0, 32);
}
