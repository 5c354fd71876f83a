import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A question as it comes over the wire, as far as tests read it. */
export interface WireRequest {
  readonly model: string;
  readonly messages: readonly WireMessage[];
  readonly stream?: boolean;
  readonly tools?: readonly { readonly function: { readonly name: string; readonly parameters: object } }[];
  readonly response_format?: { readonly type: string; readonly json_schema?: { readonly schema: object } };
}

export interface WireMessage {
  readonly role: string;
  readonly content?: unknown;
  readonly tool_calls?: readonly { readonly id: string; readonly function: { name: string; arguments: string } }[];
  readonly tool_call_id?: string;
}

/** How the server answers one question. */
export type WireAnswer =
  | { readonly text: string; readonly finishReason?: string; readonly usage?: readonly [input: number, output: number] }
  | { readonly toolCalls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[] }
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly message?: string }
  /** The connection breaks off, before the answer or, in a stream, after these pieces. */
  | { readonly resetAfter: readonly string[] }
  /** It ends as it should, but nothing says that the model had come to its end: what a proxy makes of a model that broke off. */
  | { readonly unfinished: string }
  /** Status 200 with something that is no answer. */
  | { readonly body: string }
  /** Pieces with a wait before each, until the client goes away. */
  | { readonly drip: readonly string[]; readonly everyMs: number };

export interface OpenAiServer {
  /** As `baseURL` of a client. */
  readonly url: string;
  /** Every question so far with its headers, the first one first. */
  readonly requests: readonly WireRequest[];
  readonly headers: readonly IncomingMessage["headers"][];
  /** Paths they were sent to, with their query. */
  readonly paths: readonly string[];
  /** Answers that the client did not wait for. */
  readonly abandoned: () => number;
  close(): Promise<void>;
}

/**
 * A server on 127.0.0.1 that speaks OpenAI's chat completions, with and without streaming: what the tests of models talk to.
 *
 * @param answer - given the question and its number, 1 for the first one
 */
export async function startOpenAiServer(
  answer: (request: WireRequest, number: number) => WireAnswer | Promise<WireAnswer>,
): Promise<OpenAiServer> {
  const requests: WireRequest[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const paths: string[] = [];
  let abandoned = 0;
  const server = createServer(async (request, response) => {
    const question = JSON.parse(await textOf(request)) as WireRequest;
    requests.push(question);
    headers.push(request.headers);
    paths.push(request.url ?? "");
    response.once("close", () => {
      if (!response.writableFinished) abandoned++;
    });
    await send(response, await answer(question, requests.length), question.stream === true);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    headers,
    paths,
    abandoned: () => abandoned,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}

async function send(response: ServerResponse, answer: WireAnswer, isStream: boolean): Promise<void> {
  if ("status" in answer) {
    response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
    response.end(JSON.stringify({ error: { message: answer.message ?? `answer ${answer.status}`, type: "error" } }));
  } else if ("body" in answer) {
    response.writeHead(200, { "content-type": isStream ? "text/event-stream" : "application/json" });
    response.end(answer.body);
  } else if ("resetAfter" in answer) await reset(response, answer.resetAfter, isStream);
  else if ("drip" in answer) await drip(response, answer);
  else if (isStream) stream(response, answer);
  else whole(response, answer);
}

type Said = Extract<WireAnswer, { text: string } | { toolCalls: unknown } | { unfinished: string }>;

function whole(response: ServerResponse, answer: Said): void {
  const message =
    "toolCalls" in answer
      ? { role: "assistant", content: null, tool_calls: toolCallsOf(answer.toolCalls) }
      : { role: "assistant", content: wordsOf(answer) };
  const choices = [{ index: 0, message, finish_reason: finishOf(answer) }];
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ ...HEAD, object: "chat.completion", choices, usage: usageOf(answer) }));
}

function stream(response: ServerResponse, answer: Said): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  if (!("toolCalls" in answer)) {
    for (const piece of piecesOf(wordsOf(answer))) response.write(chunk({ content: piece }));
  } else {
    const toolCalls = toolCallsOf(answer.toolCalls).map((call, index) => ({ index, ...call }));
    response.write(chunk({ tool_calls: toolCalls }));
  }
  response.write(chunk({}, finishOf(answer)));
  response.write(`data: ${JSON.stringify({ ...HEAD, choices: [], usage: usageOf(answer) })}\n\n`);
  response.end("data: [DONE]\n\n");
}

async function reset(response: ServerResponse, pieces: readonly string[], isStream: boolean): Promise<void> {
  if (isStream) {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const piece of pieces) response.write(chunk({ content: piece }));
    // The pieces have to be on their way before the connection breaks.
    await new Promise((resolve) => setImmediate(resolve));
  }
  response.destroy();
}

async function drip(
  response: ServerResponse,
  { drip: pieces, everyMs }: Extract<WireAnswer, { drip: unknown }>,
): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const piece of pieces) {
    if (response.destroyed) return;
    response.write(chunk({ content: piece }));
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  response.end("data: [DONE]\n\n");
}

const HEAD = { id: "chatcmpl-1", created: 1, model: "local" };

function chunk(delta: object, finishReason: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finishReason }];
  return `data: ${JSON.stringify({ ...HEAD, object: "chat.completion.chunk", choices })}\n\n`;
}

function toolCallsOf(calls: Extract<WireAnswer, { toolCalls: unknown }>["toolCalls"]) {
  return calls.map(({ id, ...call }) => ({ id, type: "function", function: call }));
}

function wordsOf(answer: Exclude<Said, { toolCalls: unknown }>): string {
  return "text" in answer ? answer.text : answer.unfinished;
}

function finishOf(answer: Said): string | null {
  if ("toolCalls" in answer) return "tool_calls";
  if ("unfinished" in answer) return null;
  return answer.finishReason ?? "stop";
}

function usageOf(answer: Said): object {
  const [input, output] = ("text" in answer ? answer.usage : undefined) ?? [10, 5];
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}

function piecesOf(text: string): string[] {
  return text.match(/\S+\s*|\s+/g) ?? [];
}
