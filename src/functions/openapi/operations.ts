import { RUN_ORDERS } from "../../durable/run-list.ts";
import type { JsonSchema } from "../../graph/schema.ts";
import { runStatusName } from "../../wire/status.ts";
import { refTo } from "./schemas.ts";

/** An operation of an OpenAPI document, as far as this app uses them. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags?: readonly string[];
  readonly parameters: readonly object[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, object>>;
}

type Method = "get" | "post" | "delete";

/** Operations by path, then method. */
export type Paths = Readonly<Record<string, Partial<Readonly<Record<Method, Operation>>>>>;

export const text = { type: "string" };
export const name = { name: "name", in: "path", required: true, schema: text };
export const runId = { name: "runId", in: "path", required: true, schema: text };
const PROBLEM = {
  description: "Refused, or failed",
  content: { "application/problem+json": { schema: refTo("Problem") } },
};

export function query(parameter: string, description: string, schema: JsonSchema): object {
  return { name: parameter, in: "query", description, schema };
}

export function jsonOf(description: string, schema: JsonSchema): object {
  return { description, content: { "application/json": { schema } } };
}

function bodyOf(schema: JsonSchema, required = true): object {
  return { required, content: { "application/json": { schema } } };
}

export interface Parts extends Omit<Operation, "operationId" | "summary" | "parameters" | "responses"> {
  readonly parameters?: readonly object[];
  readonly responses: Readonly<Record<string, object>>;
}

export function operation(
  operationId: string,
  summary: string,
  { parameters = [], responses, ...rest }: Parts,
): Operation {
  return { operationId, summary, parameters, ...rest, responses: { ...responses, default: PROBLEM } };
}

/** Starting a run; where the workflow is known, with its own input and outputs. */
export function runOperation(parts: {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly object[];
  readonly input: JsonSchema;
  readonly status: JsonSchema;
}): Operation {
  const wait = "Waits for the end of the run, and answers with its status";
  const content = { "application/json": { schema: parts.input }, "text/plain": { schema: text } };
  return operation(parts.operationId, parts.summary, {
    parameters: [
      ...parts.parameters,
      query("runId", "Id of the run; the same id and input is the same run", { ...text, maxLength: 100 }),
      query("waitForResponse", wait, { type: "boolean", default: false }),
      query("timeoutSeconds", "How long to wait", { type: "integer", minimum: 1, maximum: 200, default: 10 }),
    ],
    requestBody: { required: false, content },
    responses: {
      200: jsonOf("The run has ended, or was there already", { anyOf: [parts.status, refTo("Started")] }),
      202: jsonOf("The run has started", refTo("Started")),
    },
  });
}

/** Answering a request; where the workflow is known, with the responses of its ports. */
export function respondOperation(parts: {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly object[];
  readonly body: JsonSchema;
}): Operation {
  return operation(parts.operationId, parts.summary, {
    parameters: parts.parameters,
    requestBody: bodyOf(parts.body),
    responses: { 202: jsonOf("The response was received, and is of the right shape", refTo("Answered")) },
  });
}

export const anyRespond = {
  type: "object",
  properties: { requestId: text, eventName: text, response: {} },
  required: ["response"],
};

export function management(operationId: string, summary: string): { post: Operation } {
  return {
    post: operation(operationId, summary, {
      parameters: [name, runId],
      requestBody: bodyOf(refTo("Reason"), false),
      responses: { 202: jsonOf("The run was asked to", refTo("Received")) },
    }),
  };
}

const eventParameters = [
  name,
  runId,
  query("after", "Leaves out the events up to this number", { type: "integer", minimum: 0, default: 0 }),
  query("waitSeconds", "Holds an answer without events back until there is one", {
    type: "integer",
    minimum: 0,
    maximum: 30,
  }),
  query("updates", "Gives what calls tell while they go on, too; server-sent events always do", {
    type: "boolean",
    default: false,
  }),
  query("updatesAfter", "updatesAfter of the answer before", text),
  { name: "Last-Event-ID", in: "header", description: "Number of the last event read", schema: text },
];

export function runsOperation(operationId: string, summary: string): Operation {
  return operation(operationId, summary, {
    parameters: [
      name,
      query("status", `One or more of ${runStatusName.options.join(", ")}, separated by commas`, text),
      query("limit", "Runs on a page", { type: "integer", minimum: 1, maximum: 200, default: 50 }),
      query("cursor", "nextCursor of the page before, of the same order", text),
      query("order", "Which runs come first: from the oldest on, no page misses a run that goes on as new meanwhile", {
        enum: [...RUN_ORDERS],
        default: "newest",
      }),
    ],
    responses: { 200: jsonOf("A page of runs", refTo("RunPage")) },
  });
}

/** Reading the events of a run. */
export function eventsOperation(operationId: string, summary: string): Operation {
  return operation(operationId, summary, {
    parameters: eventParameters,
    responses: {
      200: {
        description: "Events in order",
        content: { "application/json": { schema: refTo("EventPage") }, "text/event-stream": { schema: text } },
      },
      204: { description: "The run has ended, and a reader of server-sent events has read all" },
    },
  });
}

/** Every route of the app, for all workflows alike. */
export const SHARED_PATHS: Paths = {
  "/health": {
    get: operation("health", "Whether the app answers", { responses: { 200: jsonOf("It does", { type: "object" }) } }),
  },
  "/openapi.json": {
    get: operation("openapi", "This document", { responses: { 200: jsonOf("OpenAPI 3.1", { type: "object" }) } }),
  },
  "/workflows": {
    get: operation("workflows", "The workflows of the app", {
      responses: { 200: jsonOf("Names, descriptions and versions", { type: "object" }) },
    }),
  },
  "/workflows/{name}": {
    get: operation("workflow", "One workflow with its JSON Schemas and its graph", {
      parameters: [name],
      responses: { 200: jsonOf("The workflow", { type: "object" }) },
    }),
  },
  "/workflows/{name}/run": {
    post: runOperation({
      operationId: "run",
      summary: "Starts a run",
      parameters: [name],
      input: {},
      status: refTo("RunStatus"),
    }),
  },
  "/workflows/{name}/runs": {
    get: runsOperation("runs", "Runs of a workflow, newest first unless asked"),
  },
  "/workflows/{name}/runs/{runId}": {
    delete: operation("deleteRun", "Deletes an ended run with its history", {
      parameters: [name, runId],
      responses: { 204: { description: "It is deleted" } },
    }),
  },
  "/workflows/{name}/status/{runId}": {
    get: operation("status", "What a run is doing, what it waits for, what it gave", {
      parameters: [name, runId],
      responses: { 200: jsonOf("The status", refTo("RunStatus")) },
    }),
  },
  "/workflows/{name}/events/{runId}": {
    get: eventsOperation("events", "What happened in a run, as JSON or as server-sent events"),
  },
  "/workflows/{name}/respond/{runId}": {
    post: respondOperation({
      operationId: "respond",
      summary: "Answers an open request",
      parameters: [name, runId],
      body: anyRespond,
    }),
  },
  "/workflows/{name}/cancel/{runId}": management("cancel", "Asks a run to end; its handlers see their signal"),
  "/workflows/{name}/suspend/{runId}": management("suspend", "Holds a run until it is resumed"),
  "/workflows/{name}/resume/{runId}": management("resume", "Lets a suspended run go on"),
  "/workflows/{name}/rerun/{runId}": {
    post: operation("rerun", "Starts a new run with the input of another", {
      parameters: [name, runId, query("runId", "Id of the new run", { ...text, maxLength: 100 })],
      responses: {
        200: jsonOf("The new run was there already", refTo("Started")),
        202: jsonOf("The new run has started", refTo("Started")),
      },
    }),
  },
};
