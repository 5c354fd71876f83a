import { mkdir, writeFile } from "node:fs/promises";
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
 * @param id - the same for every attempt at the same e-mail: it is written once, however often a call is repeated
 */
export async function sendToOutbox(id: string, email: Email): Promise<void> {
  const file = dataFile("outbox", `${id}.json`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(email, null, 2)}\n`, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}
