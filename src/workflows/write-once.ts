import { randomUUID } from "node:crypto";
import { link, mkdir, rename, unlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** What file systems say that have no hard links, mounted shares among them. */
const HAS_NO_LINKS: ReadonlySet<string | undefined> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/**
 * Writes a file that does not exist yet; one that exists stays as it is, whichever process wrote it. Its name appears with
 * the whole content behind it, or not at all. (Where there are no hard links, the last of several writers at the same
 * moment wins.)
 */
export async function writeOnce(file: string, value: unknown): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(draft, `${JSON.stringify(value, null, 2)}\n`, { flush: true });
  try {
    await link(draft, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (HAS_NO_LINKS.has(code)) return rename(draft, file);
    if (code !== "EEXIST") throw error;
  }
  await unlink(draft);
}
