import { z } from "zod";
import type { JsonSchema } from "../../graph/schema.ts";
import { isGoingOn } from "../../remote/poll.ts";
import { runStatus } from "../../wire/status.ts";
import { embedded } from "../openapi/schemas.ts";
import { saidIn } from "../said.ts";
import { CallToolResult } from "./call-tool-result.ts";
import type { Subject, Told } from "./settle.ts";

/** What a tool tells of a run: how it ended, or a handle to come back with. */
const runAnswer = runStatus.pick({ runId: true, workflow: true, status: true, output: true }).extend({
  /** Of a turn with an agent: to go on with the conversation. */
  threadId: z.string().optional(),
  /** Requests that wait for a person. */
  waitingForInput: runStatus.shape.waitingForInput,
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  statusUrl: z.url(),
  respondUrl: z.url(),
});
type RunAnswer = z.infer<typeof runAnswer>;

let schema: JsonSchema | undefined;

/** What a tool says of a run, as JSON Schema. Made for the first tool: an app without tools starts sooner. */
export function runAnswerSchema(): JsonSchema {
  schema ??= embedded(z.toJSONSchema(runAnswer));
  return schema;
}

export interface Addresses {
  /** Where this app's routes are, with their prefix: `https://example.net/api`. */
  readonly apiUrl: string;
  /** Whether clients have a tool to answer requests with. */
  readonly mayRespond: boolean;
}

/** A run as the answer to a tool call: its output when it completed, what happened else, and the whole of it as a value. */
export function answerOf(subject: Subject, told: Told, addresses: Addresses): CallToolResult {
  // An agent answers with its words and more; a tool with the words alone.
  const said = subject.isAgent ? saidIn(told.run.output) : undefined;
  const answer = handleOf(subject, told, said ? said.output : told.run.output, addresses);
  const isCompleted = told.isOver && answer.status === "Completed";
  if (isCompleted) return new CallToolResult(said?.text ?? outputText(answer), false, answer);
  return new CallToolResult(stateText(answer, addresses), !isGoingOn(answer), answer);
}

function handleOf({ isAgent }: Subject, { run, threadId }: Told, output: unknown, { apiUrl }: Addresses): RunAnswer {
  const { runId, workflow, status, waitingForInput, error } = run;
  const base = `${apiUrl}/${isAgent ? "agents" : "workflows"}/${workflow}`;
  const urlOf = (call: string) => `${base}/${call}/${encodeURIComponent(runId)}`;
  return {
    runId,
    workflow,
    status,
    output,
    ...(threadId !== undefined && { threadId }),
    waitingForInput,
    error: error && { code: error.code, message: error.message },
    statusUrl: urlOf("status"),
    respondUrl: urlOf("respond"),
  };
}

function outputText({ output, runId, workflow }: RunAnswer): string {
  if (output === null) return `Run ${runId} of ${workflow} completed without an output.`;
  return typeof output === "string" ? output : JSON.stringify(output);
}

function stateText(answer: RunAnswer, addresses: Addresses): string {
  const { runId, workflow, status, error, waitingForInput } = answer;
  const run = `Run ${runId} of ${workflow}`;
  if (error) return `${run} failed. ${error.code}: ${error.message}`;
  if (!isGoingOn(answer)) return `${run} has ended: ${status}.`;
  const lookAgain = 'Look again with the tool "run-status".';
  if (waitingForInput.length === 0) return `${run} goes on (${status}). ${lookAgain}`;
  const requests = waitingForInput.map(
    ({ eventName, requestId, input }) => `- ${eventName}, requestId ${requestId}: ${JSON.stringify(input)}`,
  );
  return [`${run} waits for a person to answer:`, ...requests, `${whoAnswers(answer, addresses)} ${lookAgain}`].join(
    "\n",
  );
}

function whoAnswers({ respondUrl }: RunAnswer, { mayRespond }: Addresses): string {
  return mayRespond
    ? 'Ask the person, and pass the answer on with the tool "run-respond".'
    : `The answer is posted to ${respondUrl}.`;
}
