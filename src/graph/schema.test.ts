import type { StandardSchemaV1 } from "@standard-schema/spec";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { jsonSchemaOf, knownJsonSchemaOf, schemaFingerprint } from "./schema.ts";

const written = z.object({ at: z.string().transform((text) => new Date(text)) });
const foreign: StandardSchemaV1<unknown, unknown> = {
  "~standard": { version: 1, vendor: "other", validate: (value) => ({ value }) },
};

describe("the JSON Schema of a schema", () => {
  it("shows what the schema takes, or what it gives", () => {
    const schema = z.object({ count: z.number().default(1) });
    expect(jsonSchemaOf(schema, "input")).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: { count: { type: "number", default: 1 } },
    });
    expect(jsonSchemaOf(schema, "input")).not.toHaveProperty("required");
    expect(jsonSchemaOf(schema, "output")).toMatchObject({ required: ["count"] });
  });

  it("is refused where JSON Schema cannot say it", () => {
    expect(jsonSchemaOf(written, "input")).toMatchObject({ properties: { at: { type: "string" } } });
    expect(() => jsonSchemaOf(written, "output", 'the output of "A"')).toThrow(
      'The schema of the output of "A" cannot be drawn as JSON Schema: Transforms cannot be represented in JSON Schema. Take text or a number there, and transform it in the schema.',
    );
  });

  it("is refused for a library that has none", () => {
    expect(() => jsonSchemaOf(foreign, "input", 'the request of "Ask"')).toThrow(
      'The schema of the request of "Ask" comes from "other", and has no JSON Schema. Use a schema with Standard JSON Schema there, such as one of zod 4: forms and contracts are made from it.',
    );
  });

  it("is left open in part, where only what is known counts", () => {
    expect(knownJsonSchemaOf(written, "output")).toMatchObject({ type: "object", properties: { at: {} } });
    expect(knownJsonSchemaOf(foreign, "output")).toBeUndefined();
  });
});

describe("the fingerprint of a schema", () => {
  it("is the same for the same shape, and differs with the side that counts", () => {
    const schema = () => z.object({ count: z.number().default(1) });
    expect(schemaFingerprint(schema(), "input")).toBe(schemaFingerprint(schema(), "input"));
    expect(schemaFingerprint(schema(), "input")).not.toBe(schemaFingerprint(schema(), "output"));
  });

  it("is made from what is known where nothing can be drawn", () => {
    expect(schemaFingerprint(foreign, "input")).toMatch(/^[0-9a-f]{16}$/);
    const tagged = z.object({ at: z.date(), tag: z.string() });
    expect(schemaFingerprint(tagged, "input")).not.toBe(schemaFingerprint(z.object({ at: z.date() }), "input"));
  });
});
