import { readFileSync, rmSync, writeFileSync } from "node:fs";

/**
 * Writes down where the host of a store answers, for commands that find the store in use. It stays behind after a kill, so
 * whoever reads it has to know that there is an owner, and may still find somebody else there.
 *
 * @returns takes the note away again
 */
export function noteAddress(storeFile: string, url: string): () => void {
  const note = noteOf(storeFile);
  writeFileSync(note, `${url}\n`, { mode: 0o600 });
  return () => rmSync(note, { force: true });
}

/** Null when no host has noted where it answers. */
export function notedAddress(storeFile: string): string | null {
  try {
    return readFileSync(noteOf(storeFile), "utf8").trim() || null;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function noteOf(storeFile: string): string {
  return `${storeFile}.url`;
}
