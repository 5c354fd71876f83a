import { setTimeout as delay } from "node:timers/promises";
import { answerData, answerEvent } from "../../../src/durable/mail.ts";
import type { RunStatus } from "../../../src/wire/status.ts";
import type { Acknowledged } from "../checker/evidence.ts";

const LOOK_AGAIN_MS = 5;
const RESPONSE = 5;

interface Order {
  readonly runId: string;
  readonly workflow: "Steps" | "Approval";
  readonly input: number;
}

/** Starts one run after the other, answers what they ask, and keeps a ledger of what was acknowledged. */
export class Customer {
  readonly acknowledged: Acknowledged[] = [];
  readonly unanswered: Acknowledged[] = [];
  /** What ended otherwise than it should, found by {@link finish}. */
  readonly wrongEnds: string[] = [];
  readonly #name: string;
  readonly #started: Order[] = [];
  #count = 0;
  /** What is to be done next of the order under way. */
  #next: "start" | "answer" = "start";
  #order: Order;

  constructor(name: string) {
    this.#name = name;
    this.#order = this.#newOrder();
  }

  /** Goes on until the host is gone. */
  async live(url: string, acknowledged: () => void): Promise<void> {
    while (await this.#goOn(url)) acknowledged();
  }

  /** Ends what was begun, and looks at the end of every run. */
  async finish(url: string): Promise<void> {
    // A start that nobody acknowledged may be on disk, and then its run waits for an answer.
    if (this.unanswered.some(({ kind, instanceId }) => kind === "start" && instanceId === this.#order.runId)) {
      if (this.#next === "start") await this.#goOn(url);
    }
    while (this.#next === "answer" && (await this.#goOn(url)));
    for (const order of this.#started) {
      const { status, output } = await ended(url, order);
      const expected = order.workflow === "Steps" ? 2 * (order.input + 2) + 1 : RESPONSE + 1;
      if (status === "Completed" && output === expected) continue;
      this.wrongEnds.push(`${order.runId} ended as ${status} with ${output}, not with ${expected}`);
    }
  }

  /** @returns false when the host is gone */
  async #goOn(url: string): Promise<boolean> {
    return this.#next === "start" ? this.#start(url) : this.#answer(url);
  }

  async #start(url: string): Promise<boolean> {
    const { runId, workflow, input } = this.#order;
    const what = { kind: "start", instanceId: runId } as const;
    const response = await call(`${url}/api/workflows/${workflow}/run?runId=${runId}`, input);
    if (!response) {
      this.unanswered.push(what);
      return false;
    }
    this.acknowledged.push(what);
    this.#started.push(this.#order);
    if (workflow === "Approval") this.#next = "answer";
    else this.#order = this.#newOrder();
    return true;
  }

  async #answer(url: string): Promise<boolean> {
    const { runId } = this.#order;
    const request = await this.#openRequest(url);
    if (request === undefined) return false;
    if (request !== null) {
      const name = answerEvent(request);
      const dataJson = JSON.stringify(answerData(JSON.stringify(RESPONSE)));
      const what = { kind: "event", instanceId: runId, name, dataJson } as const;
      const response = await call(`${url}/api/workflows/Approval/respond/${runId}`, {
        requestId: request,
        response: RESPONSE,
      });
      (response ? this.acknowledged : this.unanswered).push(what);
      if (!response) return false;
    }
    this.#next = "start";
    this.#order = this.#newOrder();
    return true;
  }

  /** @returns null when it was answered by an answer that nobody acknowledged, undefined when the host is gone */
  async #openRequest(url: string): Promise<string | null | undefined> {
    for (;;) {
      const run = await statusOf(url, this.#order);
      if (!run) return undefined;
      const [request] = run.waitingForInput;
      if (request) return request.requestId;
      if (
        run.status === "Completed" ||
        run.executors.some(({ id, status }) => id === "Approve" && status === "completed")
      )
        return null;
      await delay(LOOK_AGAIN_MS);
    }
  }

  #newOrder(): Order {
    this.#count += 1;
    const workflow = this.#count % 3 === 0 ? "Approval" : "Steps";
    return { runId: `${this.#name}-${this.#count}`, workflow, input: this.#count };
  }
}

async function ended(url: string, order: Order): Promise<RunStatus> {
  for (;;) {
    const run = await statusOf(url, order);
    if (!run) throw new Error(`${order.runId}: the host is gone.`);
    if (run.status !== "Running" && run.status !== "Pending") return run;
    await delay(LOOK_AGAIN_MS);
  }
}

async function statusOf(url: string, { workflow, runId }: Order): Promise<RunStatus | undefined> {
  const response = await call(`${url}/api/workflows/${workflow}/status/${runId}`);
  return response as RunStatus | undefined;
}

/** Undefined when the host is gone. @throws for any answer but a good one */
async function call(url: string, body?: unknown): Promise<unknown> {
  const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body), headers: JSON_HEADERS };
  const answer = await fetch(url, init)
    .then(async (response) => ({ status: response.status, text: await response.text() }))
    .catch(() => undefined);
  if (!answer) return undefined;
  if (answer.status >= 300) throw new Error(`${url}: ${answer.status} ${answer.text}`);
  return JSON.parse(answer.text);
}

const JSON_HEADERS = { "content-type": "application/json" };
