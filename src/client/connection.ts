import { type ErrorCode, WorkflowError } from "../errors.ts";
import { systemClock, type WaitClock } from "../remote/poll.ts";
import { readAnswer } from "./answer.ts";

/** Where a host is, and how to reach it. */
export interface HttpOptions {
  /** Of the host (`http://localhost:7071`), or of its routes where they have another prefix than `/api`. */
  readonly url: string;
  /** Function key, sent as header `x-functions-key`. */
  readonly key?: string | undefined;
  /** Sends the requests; `fetch` of the platform unless given. */
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds a host may take for one answer, beside what it was asked to wait: 30,000 unless given. */
  readonly requestTimeoutMs?: number;
  /** Milliseconds to try again where that does no harm, while the host cannot be reached: 10,000 unless given. */
  readonly retryForMs?: number;
  readonly clock?: WaitClock;
}

/** Codes of a host that may be back soon: it was not there, or is about to stop. */
const AWAY: readonly ErrorCode[] = ["HOST_UNREACHABLE", "HOST_UNAVAILABLE"];

const REQUEST_TIMEOUT_MS = 30_000;
const RETRY_FOR_MS = 10_000;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 2_000;

export interface Request {
  readonly method: "GET" | "POST" | "DELETE";
  /** Parts of the path below the prefix; they are encoded here. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly bodyJson?: string;
  /** The same request a second time does nothing that the first did not. */
  readonly isRepeatable: boolean;
  /** Milliseconds the host was asked to wait before it answers. */
  readonly waitMs?: number;
  /** The host may be of a build without this route: its answer counts as one without a body then. */
  readonly isOptional?: boolean;
}

/** The routes of one host. */
export class Connection {
  readonly clock: WaitClock;
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #fetch: typeof globalThis.fetch;
  readonly #requestTimeoutMs: number;
  readonly #retryForMs: number;

  constructor({ url, key, fetch, requestTimeoutMs, retryForMs, clock }: HttpOptions) {
    this.clock = clock ?? systemClock;
    this.#base = baseOf(url);
    this.#headers = { accept: "application/json", ...(key !== undefined && { "x-functions-key": key }) };
    this.#fetch = fetch ?? globalThis.fetch;
    this.#requestTimeoutMs = requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    this.#retryForMs = retryForMs ?? RETRY_FOR_MS;
  }

  /**
   * Sends a request and reads the JSON of its answer; undefined where it has none.
   *
   * @throws {WorkflowError} the host's own refusal with its code and issues, `HOST_UNREACHABLE`, `ANSWER_UNEXPECTED`
   */
  async send(request: Request): Promise<unknown> {
    const giveUpAtMs = this.clock.nowMs() + (request.isRepeatable ? this.#retryForMs : 0);
    for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_RETRY_MS)) {
      try {
        return await this.#sendOnce(request);
      } catch (error) {
        const isAway = error instanceof WorkflowError && AWAY.includes(error.code);
        if (!isAway || this.clock.nowMs() + delayMs > giveUpAtMs) throw error;
        await this.clock.delay(delayMs);
      }
    }
  }

  async #sendOnce({ method, path, query = {}, bodyJson, waitMs = 0, isOptional = false }: Request): Promise<unknown> {
    const url = new URL(`${this.#base}/${path.map(encodeURIComponent).join("/")}`);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    const headers = bodyJson === undefined ? this.#headers : { ...this.#headers, "content-type": "application/json" };
    const init = { method, headers, signal: AbortSignal.timeout(this.#requestTimeoutMs + waitMs) };
    try {
      const response = await this.#fetch(url, bodyJson === undefined ? init : { ...init, body: bodyJson });
      return readAnswer(response, await response.text(), isOptional);
    } catch (error) {
      if (error instanceof WorkflowError) throw error;
      throw new WorkflowError(
        "HOST_UNREACHABLE",
        `${method} ${url.origin}${url.pathname} got no answer: ${reasonOf(error)}.`,
        "See that the host runs there, and try again.",
        { cause: error },
      );
    }
  }
}

function baseOf(url: string): string {
  const { origin, pathname } = new URL(url);
  const path = pathname.replace(/\/+$/, "");
  return `${origin}${path === "" ? "/api" : path}`;
}

/** `fetch` says "fetch failed", and hides what happened in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== "" ? error.cause.message : error.message;
}
