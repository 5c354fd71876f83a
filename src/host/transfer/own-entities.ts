import { createHash } from "node:crypto";
import type { EntityRow, HistoryStore, InstanceRow } from "../store/history-store.ts";

/**
 * The entities that belong to these runs alone. Their key, for a run `R`,
 *
 * - is `R`, or begins with `R/`: no id of a run holds a slash, so `order-1` has no part in what `order-10` has; or
 * - begins with `H-`, where `H` is the first half of the SHA-256 of the run's id and the `seed` of its input, in hex:
 *   so the archive of the run's events is named, whose keys have to be short whatever the id.
 */
export function ownEntities(store: HistoryStore, runs: readonly InstanceRow[]): EntityRow[] {
  const ids = new Set(runs.map(({ instanceId }) => instanceId));
  const hashes = new Set(runs.flatMap(hashesOf));
  const found: EntityRow[] = [];
  let continuationToken: string | null = null;
  do {
    const page = store.entities({
      withState: true,
      top: 1_000,
      ...(continuationToken !== null && { continuationToken }),
    });
    found.push(
      ...page.rows.filter(({ entityId }) => {
        const key = keyOf(entityId);
        return ids.has(upTo("/", key)) || (key.includes("-") && hashes.has(upTo("-", key)));
      }),
    );
    continuationToken = page.continuationToken;
  } while (continuationToken !== null);
  return found;
}

/** Of `@name@key`. */
function keyOf(entityId: string): string {
  return entityId.slice(entityId.indexOf("@", 1) + 1);
}

function upTo(separator: string, key: string): string {
  return key.split(separator, 1)[0] ?? "";
}

function hashesOf({ instanceId, inputJson }: InstanceRow): string[] {
  const seed = seedOf(inputJson);
  if (seed === undefined) return [];
  const hash = createHash("sha256").update(JSON.stringify([instanceId, seed]));
  return [hash.digest("hex").slice(0, 32)];
}

function seedOf(inputJson: string | null): string | undefined {
  const input: unknown = JSON.parse(inputJson ?? "null");
  const seed = typeof input === "object" && input !== null && "seed" in input ? input.seed : undefined;
  return typeof seed === "string" ? seed : undefined;
}
