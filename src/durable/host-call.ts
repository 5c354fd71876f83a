/** What a host answers, as far as it is read. */
export interface HostAnswer {
  readonly status: number;
  readonly ok: boolean;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

export interface HostRequest {
  readonly method?: "POST" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Where a host in this very process says under which URLs it can be called without a socket. */
const SHORTCUTS = Symbol.for("durable-workflows.shortcuts");
type Shortcuts = ReadonlyMap<string, (url: URL, request: HostRequest) => Promise<HostAnswer>>;

/** Calls the Durable extension: over HTTP, or straight where it is in this process. */
export function callHost(url: URL, request: HostRequest = {}): Promise<HostAnswer> {
  const shortcuts = (globalThis as { readonly [SHORTCUTS]?: Shortcuts })[SHORTCUTS];
  for (const [base, call] of shortcuts ?? []) if (url.href.startsWith(base)) return call(url, request);
  return fetch(url, request);
}
