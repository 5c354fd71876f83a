import { EventEmitter } from "node:events";
import http from "node:http";
import type { ProgrammingModel } from "./core-types.ts";

const DEFAULTS = {
  RawHttpBodyBytes: "true",
  RpcHttpTriggerMetadataRemoved: "true",
  RpcHttpBodyOnly: "true",
  IgnoreEmptyValuedRpcHttpHeaders: "true",
  UseNullableValueDictionaryForHttp: "true",
  WorkerStatus: "true",
  TypedDataCollection: "true",
  HandlesWorkerTerminateMessage: "true",
};

/**
 * Ends the setup of the app's library, which tells here whether the app wants to stream HTTP. It then opens a server of its
 * own, on a random port and all addresses, without any check, for a host in another process. This host is in the same
 * process and needs none of that, so the library gets a server that listens nowhere.
 *
 * @returns whether the app calls `app.setup({ enableHttpStream: true })`
 */
export async function wantsHttpStreams(model: ProgrammingModel): Promise<boolean> {
  const { createServer } = http;
  let asked: ReturnType<ProgrammingModel["getCapabilities"]>;
  http.createServer = (() => new SilentServer()) as unknown as typeof createServer;
  try {
    // The library makes its server before it waits for anything: nobody else gets the silent one.
    asked = model.getCapabilities({ ...DEFAULTS });
  } finally {
    http.createServer = createServer;
  }
  return (await asked).HttpUri !== undefined;
}

/** As much of a server as the library touches. */
class SilentServer extends EventEmitter {
  listen(isListening: () => void): this {
    queueMicrotask(isListening);
    return this;
  }

  address(): { readonly port: number } {
    return { port: 1 };
  }
}
