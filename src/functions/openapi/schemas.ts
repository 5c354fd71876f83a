import { z } from "zod";
import type { JsonSchema } from "../../graph/schema.ts";
import { recordedEvent } from "../../wire/run-event.ts";
import { runPage, runStatus, runSummary } from "../../wire/status.ts";
import { threadView, turnView } from "../../wire/turn-view.ts";

const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe("What is wrong, and what to do."),
  instance: z.string(),
  code: z.string().describe("Never changes its meaning; docs/errors.md explains each one."),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })),
});

const started = z.object({
  runId: z.string(),
  workflow: z.string(),
  status: z.string(),
  statusUrl: z.url(),
  respondUrl: z.url(),
  eventsUrl: z.url(),
});

const reasonBody = z.object({ reason: z.string().max(1_000).optional() });
const received = z.object({ message: z.string(), runId: z.string() });
const answered = received.extend({ requestId: z.string(), eventName: z.string(), validated: z.literal(true) });

/** A property that is JSON text in the record is a value for callers. */
const VALUES = ["output", "data", "request", "response", "message"];

function runEventSchema(): JsonSchema {
  const oneOf = recordedEvent.options.map((option) => {
    const { properties = {}, ...schema } = embedded(z.toJSONSchema(option)) as { properties?: object };
    const shown = Object.entries(properties).map(([name, value]) => [name, VALUES.includes(name) ? {} : value]);
    return { ...schema, properties: Object.fromEntries(shown) };
  });
  return { oneOf, discriminator: { propertyName: "type" } };
}

/** The schemas that all workflows share, by the names that `$ref` uses. */
export function sharedSchemas(): Readonly<Record<string, JsonSchema>> {
  const drawn = { Answered: answered, Problem: problem, Reason: reasonBody, Received: received, Started: started };
  const listed = { RunPage: runPage, RunStatus: runStatus, RunSummary: runSummary, Thread: threadView, Turn: turnView };
  const schemas = Object.entries({ ...drawn, ...listed }).map(([name, schema]) => [
    name,
    embedded(z.toJSONSchema(schema)),
  ]);
  const events = { type: "array", items: refTo("RunEvent") };
  const eventPage = {
    type: "object",
    properties: {
      events,
      nextAfter: { type: "integer" },
      hasEnded: { type: "boolean" },
      updates: { type: "array", items: { type: "object" }, description: "Only when they were asked for" },
      updatesAfter: { anyOf: [{ type: "string" }, { type: "null" }] },
    },
    required: ["events", "nextAfter", "hasEnded"],
  };
  return { ...Object.fromEntries(schemas), RunEvent: runEventSchema(), EventPage: eventPage };
}

export function refTo(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/**
 * A schema inside a document: its draft is the document's. One that refers into itself gets an id, so that `#` goes on to
 * mean the schema, and not the document around it.
 *
 * @param id - names the schema where it refers into itself
 */
export function embedded(schema: JsonSchema, id?: string): JsonSchema {
  const { $schema: _draft, ...rest } = schema;
  const refersToItself = id !== undefined && JSON.stringify(rest).includes('"$ref":"#');
  return refersToItself ? { $id: `urn:durable-workflows:schema:${id}`, ...rest } : rest;
}
