import type { IncomingMessage } from "node:http";

const EMPTY = Buffer.alloc(0);

/** @returns null when the body is longer than `limitBytes`; the rest is then not read */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer | null> {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  if (Number(length ?? 0) > limitBytes) return null;
  if (length === undefined && encoding === undefined) return EMPTY;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > limitBytes) return null;
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size);
}
