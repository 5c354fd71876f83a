import { z } from "zod";
import { isGoingOn } from "../../remote/poll.ts";
import { type RunStatus, runStatus } from "../../wire/status.ts";
import { CallToolResult } from "./call-tool-result.ts";

/** What a tool tells of a run: how it ended, or a handle to come back with. */
export const runAnswer = runStatus.pick({ runId: true, workflow: true, status: true, output: true }).extend({
  /** Requests that wait for a person. */
  waitingForInput: runStatus.shape.waitingForInput,
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  statusUrl: z.url(),
  respondUrl: z.url(),
});
type RunAnswer = z.infer<typeof runAnswer>;

export interface Addresses {
  /** Where this app's routes are, with their prefix: `https://example.net/api`. */
  readonly apiUrl: string;
  /** Whether clients have a tool to answer requests with. */
  readonly mayRespond: boolean;
}

/** A run as the answer to a tool call: its output when it completed, what happened else, and the whole of it as a value. */
export function answerOf(run: RunStatus, addresses: Addresses): CallToolResult {
  const answer = handleOf(run, addresses);
  if (run.status === "Completed") return new CallToolResult(outputText(answer), false, answer);
  return new CallToolResult(stateText(answer, addresses), !isGoingOn(run), answer);
}

function handleOf({ runId, workflow, status, output, waitingForInput, error }: RunStatus, { apiUrl }: Addresses) {
  const urlOf = (call: string) => `${apiUrl}/workflows/${workflow}/${call}/${encodeURIComponent(runId)}`;
  return {
    runId,
    workflow,
    status,
    output,
    waitingForInput,
    error: error && { code: error.code, message: error.message },
    statusUrl: urlOf("status"),
    respondUrl: urlOf("respond"),
  } satisfies RunAnswer;
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
