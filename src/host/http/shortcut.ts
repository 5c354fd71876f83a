import { answerCall, BodyTooLargeError, type DurableRoutesOptions, EXISTING_HEADER } from "./durable-routes.ts";
import { pathSegments } from "./route-template.ts";

/** A request as `fetch` takes it, as far as the app's client makes any. */
interface ShortcutRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface ShortcutAnswer {
  readonly status: number;
  readonly ok: boolean;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

type Shortcut = (url: URL, request: ShortcutRequest) => Promise<ShortcutAnswer>;

/** The app's client looks here before it opens a socket. */
const SHORTCUTS = Symbol.for("durable-workflows.shortcuts");

/**
 * Lets the app call the management API of this host without a socket: both are in one process, and a call over HTTP costs
 * both sides more than all that it asks for. Whoever does not look for the shortcut goes over HTTP, as on Azure.
 *
 * @param baseUrl - all calls below it are answered here
 * @returns closes it
 */
export function openShortcut(baseUrl: string, options: DurableRoutesOptions): () => Promise<void> {
  const shortcuts = registry();
  shortcuts.set(baseUrl, async (url, { method = "GET", headers = {}, body = "" }) => {
    const call = {
      method,
      segments: pathSegments(url.pathname.slice(new URL(baseUrl).pathname.length)),
      query: url.searchParams,
      webhookUrl: null,
      contentType: headers["content-type"],
      keepsExisting: headers[EXISTING_HEADER] === "keep",
      continuationToken: headers["x-ms-continuation-token"],
      readBody: async () => withinLimit(body, options.bodyLimitBytes),
    };
    return asFetched(await answerCall(call, () => false, options));
  });
  return async () => void shortcuts.delete(baseUrl);
}

function registry(): Map<string, Shortcut> {
  const global = globalThis as { [SHORTCUTS]?: Map<string, Shortcut> };
  global[SHORTCUTS] ??= new Map();
  return global[SHORTCUTS];
}

function withinLimit(body: string, limitBytes: number): string {
  if (Buffer.byteLength(body) <= limitBytes) return body;
  throw new BodyTooLargeError(`The body is longer than ${limitBytes} bytes.`);
}

function asFetched({ status, headers = {}, body = "" }: Awaited<ReturnType<typeof answerCall>>): ShortcutAnswer {
  return {
    status,
    ok: status >= 200 && status < 300,
    headers: { get: (name) => headers[name.toLowerCase()]?.toString() ?? null },
    text: async () => (typeof body === "string" ? body : Buffer.from(body).toString("utf8")),
  };
}
