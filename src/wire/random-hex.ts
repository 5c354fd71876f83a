import { randomFillSync } from "node:crypto";

const BYTES = 16;
const pool = Buffer.alloc(128 * BYTES);
let used = pool.length;

/** 128 random bits as 32 hex digits. The system is asked for many at once: each question takes longer than a superstep. */
export function randomHex(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const from = used;
  used += BYTES;
  return pool.toString("hex", from, used);
}
