import { z } from "zod";
import { jsonTextOf } from "../engine/invoke/json-text.ts";
import { WorkflowError } from "../errors.ts";
import type { WorkflowRunner } from "../graph/runner.ts";
import { RemoteRun, type RunSource } from "../remote/remote-run.ts";
import type { RunUpdate } from "../wire/live-update.ts";
import type { EventPage } from "../wire/run-event.ts";
import { checkRunId, makeRunId } from "../wire/run-id.ts";
import { runStatus } from "../wire/status.ts";
import { Connection, type HttpOptions, type Request } from "./connection.ts";

/** How long the host holds back an answer about events while there are none. */
const EVENTS_WAIT_SECONDS = 20;

const started = z.object({ runId: z.string() });

/** A newer host may tell of events that this version does not know, so only what is needed here is looked at. */
const eventPage = z.object({
  events: z.array(z.looseObject({ number: z.int(), type: z.string() })),
  nextAfter: z.int(),
  hasEnded: z.boolean(),
});

/** A host that knows no updates sends none. */
const updatesPage = z.object({
  updates: z.array(z.looseObject({ callKey: z.string(), data: z.unknown() })).optional(),
  updatesAfter: z.string().nullish(),
  hasEnded: z.boolean(),
});

/** The number of an event that no run comes to: whoever wants updates alone has them all. */
const BEHIND_ALL = 999_999_999_999_999;

/**
 * A runner over the HTTP contract: runs go on in a host, wherever it is. Only names of workflows are sent, so the host
 * may have another version of a workflow than the caller.
 *
 * @param options - `url` of the host, `key` where it wants one
 * @returns a runner that throws what the others throw, with the same codes; besides, `HOST_UNREACHABLE` and `ANSWER_UNEXPECTED`
 */
export function createHttpRunner(options: HttpOptions): WorkflowRunner {
  const runs = new HttpRuns(options);
  const runner = {
    start: ({ name }: { readonly name: string }, input: unknown, startOptions?: StartOptions) =>
      runs.start(name, input, startOptions),
    open: ({ name }: { readonly name: string }, runId: string) => runs.open(name, runId),
  };
  // A handle has no types of its own at run time: what its caller sees comes from the workflow.
  return runner as unknown as WorkflowRunner;
}

interface StartOptions {
  readonly runId?: string;
}

/** Runs of a host by the names of their workflows, or of their agents, without types. */
export class HttpRuns {
  readonly #connection: Connection;
  readonly #area: "workflows" | "agents";

  constructor(options: HttpOptions | Connection, area: "workflows" | "agents" = "workflows") {
    this.#connection = options instanceof Connection ? options : new Connection(options);
    this.#area = area;
  }

  /** The id is made here: a start whose answer got lost can then be sent again. */
  async start(workflow: string, input: unknown, { runId = makeRunId() }: StartOptions = {}): Promise<RemoteRun> {
    const answer = await this.#connection.send({
      method: "POST",
      path: [this.#area, workflow, "run"],
      query: { runId: checkRunId(runId) },
      bodyJson: jsonTextOf(input ?? null, `the input of workflow "${workflow}"`),
      isRepeatable: true,
    });
    return this.open(workflow, parse(started, answer).runId);
  }

  open(workflow: string, runId: string): RemoteRun {
    return new RemoteRun(this.#sourceOf(workflow, runId), this.#connection.clock);
  }

  #sourceOf(workflow: string, runId: string): RunSource {
    // In a path, an id such as ".." would lead somewhere else.
    const send = async (call: string, request: Omit<Request, "path">) =>
      this.#connection.send({ ...request, path: [this.#area, workflow, call, checkRunId(runId)] });
    return {
      runId,
      status: async () => parse(runStatus, await send("status", { method: "GET", isRepeatable: true })),
      async events(after) {
        const query = { after: String(after), waitSeconds: String(EVENTS_WAIT_SECONDS) };
        const waitMs = EVENTS_WAIT_SECONDS * 1_000;
        const answer = await send("events", { method: "GET", query, isRepeatable: true, waitMs });
        return parse(eventPage, answer) as unknown as EventPage;
      },
      async updates(after) {
        const waitMs = EVENTS_WAIT_SECONDS * 1_000;
        const query = {
          after: String(BEHIND_ALL),
          waitSeconds: String(EVENTS_WAIT_SECONDS),
          updates: "true",
          ...(after !== undefined && { updatesAfter: after }),
        };
        const answer = await send("events", { method: "GET", query, isRepeatable: true, waitMs });
        const { updates = [], updatesAfter = null, hasEnded } = parse(updatesPage, answer);
        return { updates: updates as RunUpdate[], position: updatesAfter ?? undefined, hasEnded };
      },
      async respond(reference, response) {
        const responseJson = jsonTextOf(response ?? null, `the response of run "${runId}"`);
        const bodyJson = `{${JSON.stringify(reference).slice(1, -1)},"response":${responseJson}}`;
        await send("respond", { method: "POST", bodyJson, isRepeatable: false });
      },
      async cancel(reason) {
        const body = reason === undefined ? {} : { bodyJson: JSON.stringify({ reason }) };
        await send("cancel", { method: "POST", ...body, isRepeatable: false });
      },
    };
  }
}

export function parse<Shape>(schema: z.ZodType<Shape>, answer: unknown): Shape {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new WorkflowError(
    "ANSWER_UNEXPECTED",
    `The host's answer is not of the shape of this version: ${z.prettifyError(parsed.error)}.`,
    "Check the URL that the client was made with, and the version of the host.",
    { cause: parsed.error },
  );
}
