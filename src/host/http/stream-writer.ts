import type { ServerResponse } from "node:http";
import type { ReadableStream, ReadableStreamDefaultReader } from "node:stream/web";
import type { HttpLimits } from "./limits.ts";

/**
 * Sends answers piece by piece, as their functions make them. A function waits while too much of its answer waits for the
 * reader; a reader who takes nothing at all is cut by the router. When the reader goes away, the function's stream is
 * cancelled.
 */
export class StreamWriter {
  readonly #limits: Pick<HttpLimits, "maxStreams" | "maxBacklogBytes">;
  #open = 0;

  constructor(limits: Pick<HttpLimits, "maxStreams" | "maxBacklogBytes">) {
    this.#limits = limits;
  }

  /** True when no further stream may be opened. */
  get isFull(): boolean {
    return this.#open >= this.#limits.maxStreams;
  }

  /** @throws what the function's stream failed with; the connection is cut then, since the answer is incomplete */
  async write(response: ServerResponse, stream: ReadableStream<unknown>): Promise<void> {
    this.#open += 1;
    const reader = stream.getReader();
    // Cancelling fails for a stream that has failed already: then there is nothing to cancel.
    const cancel = () => void reader.cancel().catch(() => undefined);
    response.once("close", cancel);
    try {
      response.flushHeaders();
      await this.#pump(response, reader);
      response.end();
    } catch (error) {
      response.destroy();
      throw error;
    } finally {
      response.off("close", cancel);
      this.#open -= 1;
    }
  }

  async #pump(response: ServerResponse, reader: ReadableStreamDefaultReader<unknown>): Promise<void> {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || response.destroyed) return;
      response.write(bytesOf(value));
      if (response.writableLength > this.#limits.maxBacklogBytes) await drained(response);
    }
  }
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === "string") return Buffer.from(chunk);
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw new TypeError(`A streamed answer is made of bytes or text, and this one has a chunk of type ${typeof chunk}.`);
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
}
