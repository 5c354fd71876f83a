import {
  anyRespond,
  eventsOperation,
  jsonOf,
  management,
  name,
  operation,
  type Paths,
  query,
  respondOperation,
  runId,
  runsOperation,
  text,
} from "./operations.ts";
import { refTo } from "./schemas.ts";

const threadId = { name: "threadId", in: "path", required: true, schema: text };
const runBody = {
  "application/json": {
    schema: {
      type: "object",
      properties: { message: { type: "string", minLength: 1 }, threadId: { type: "string", maxLength: 100 } },
      required: ["message"],
    },
  },
  "text/plain": { schema: text },
};
const turnContent = { "application/json": { schema: refTo("Turn") }, "text/plain": { schema: text } };

/** The routes of the agents that can be talked to by themselves. */
export const AGENT_PATHS: Paths = {
  "/agents": {
    get: operation("agents", "The agents of the app", {
      responses: { 200: jsonOf("Names, descriptions, versions and models", { type: "object" }) },
    }),
  },
  "/agents/{name}": {
    get: operation("agent", "One agent with its tools and its graph", {
      parameters: [name],
      responses: { 200: jsonOf("The agent", { type: "object" }) },
    }),
  },
  "/agents/{name}/run": {
    post: operation("agentRun", "Says something to an agent, and waits for the answer", {
      parameters: [
        name,
        query("threadId", "The conversation to go on with; a new one is begun without it", { ...text, maxLength: 100 }),
        query("runId", "Id of the run; the same id and message is the same turn", { ...text, maxLength: 95 }),
        query("waitForResponse", "Whether to wait for the answer", { type: "boolean", default: true }),
        query("timeoutSeconds", "How long to wait", { type: "integer", minimum: 1, maximum: 200, default: 100 }),
        { name: "x-ms-thread-id", in: "header", description: "The same as threadId", schema: text },
        { name: "x-ms-wait-for-response", in: "header", description: "Wins over waitForResponse", schema: text },
      ],
      requestBody: { required: true, content: runBody },
      responses: {
        200: { description: "The agent has answered", content: turnContent },
        202: { description: "It has not yet: the turn goes on, or a person has to answer first", content: turnContent },
      },
    }),
  },
  "/agents/{name}/runs": {
    get: runsOperation("agentRuns", "Runs of an agent, those included that wait for their thread"),
  },
  "/agents/{name}/status/{runId}": {
    get: operation("agentStatus", "How a turn is going, and what the agent said", {
      parameters: [name, runId],
      responses: { 200: jsonOf("The turn", refTo("Turn")) },
    }),
  },
  "/agents/{name}/respond/{runId}": {
    post: respondOperation({
      operationId: "agentRespond",
      summary: "Answers an open request, an approval of a tool for example",
      parameters: [name, runId],
      body: anyRespond,
    }),
  },
  "/agents/{name}/events/{runId}": {
    get: eventsOperation("agentEvents", "What happened in a turn, as JSON or as server-sent events"),
  },
  "/agents/{name}/cancel/{runId}": management("agentCancel", "Asks a turn to end"),
  "/agents/{name}/threads/{threadId}": {
    get: operation("agentThread", "A conversation so far", {
      parameters: [name, threadId],
      responses: { 200: jsonOf("The conversation", refTo("Thread")) },
    }),
    delete: operation("agentDeleteThread", "Deletes a conversation", {
      parameters: [name, threadId],
      responses: { 204: { description: "It is being deleted" } },
    }),
  },
};
