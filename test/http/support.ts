import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll } from "vitest";
import { type LocalHost, startLocalHost } from "../../src/host/local-host.ts";

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever came, and its expectations say what that has to be
  readonly body: any;
}

export interface Api {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  delete(path: string): Promise<Reply>;
  readonly url: string;
  readonly log: readonly string[];
}

/** An app of this folder on the local host, for all tests of a file; paths are below `/api/`. */
export function serveTestApp(name: "doors" | "conformance" | "agents" = "doors"): Api {
  const appDir = fileURLToPath(new URL(`./apps/${name}`, import.meta.url));
  const dataDir = mkdtempSync(join(tmpdir(), "durable-workflows-http-"));
  const log: string[] = [];
  let host: LocalHost | undefined;
  beforeAll(async () => {
    host = await startLocalHost({ appDir, dataDir, port: 0, write: (_level, message) => log.push(message) });
  });
  afterAll(async () => {
    await host?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const send = async (path: string, init: RequestInit): Promise<Reply> => {
    const response = await fetch(`${host?.url}/api/${path}`, init);
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json");
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
  };
  return {
    get: (path, headers = {}) => send(path, { headers }),
    post: (path, body, headers) => send(path, { method: "POST", ...contentOf(body, headers) }),
    delete: (path) => send(path, { method: "DELETE" }),
    get url() {
      return host?.url ?? "";
    },
    log,
  };
}

/** Text and bytes go as they are; every other value as JSON. */
function contentOf(body: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit {
  if (body === undefined) return { headers };
  if (typeof body === "string") return { body, headers: { "content-type": "text/plain", ...headers } };
  if (body instanceof Uint8Array) return { body: body as Uint8Array<ArrayBuffer>, headers };
  return { body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } };
}
