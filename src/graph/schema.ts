import type { StandardJSONSchemaV1 } from "@standard-schema/spec";
import { WorkflowError } from "../errors.ts";
import { canonicalJson, sha256 } from "../wire/json.ts";
import type { AnySchema } from "./schema-types.ts";

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** `input`: what a schema takes; `output`: what it gives. */
export type SchemaSide = "input" | "output";

const TARGET = "draft-2020-12";

/**
 * Draws a schema as JSON Schema (draft 2020-12), as forms and contracts need it.
 *
 * @param side - `input` for what a person or a caller sends, `output` for what travels on
 * @param place - what the schema is of, for the error: `the input of "OrderLookup"`
 * @throws {WorkflowError} `SCHEMA_UNREPRESENTABLE` for a schema whose library has no JSON Schema, or with a value that JSON
 *   Schema cannot say, such as a `Date`
 * @see Standard JSON Schema, the `~standard.jsonSchema` of a schema
 */
export function jsonSchemaOf(schema: AnySchema, side: SchemaSide, place = "this place"): JsonSchema {
  const converter = converterOf(schema);
  if (!converter) {
    throw new WorkflowError(
      "SCHEMA_UNREPRESENTABLE",
      `The schema of ${place} comes from "${schema["~standard"].vendor}", and has no JSON Schema.`,
      "Use a schema with Standard JSON Schema there, such as one of zod 4: forms and contracts are made from it.",
    );
  }
  try {
    return converter[side]({ target: TARGET });
  } catch (error) {
    throw new WorkflowError(
      "SCHEMA_UNREPRESENTABLE",
      `The schema of ${place} cannot be drawn as JSON Schema: ${error instanceof Error ? error.message : String(error)}.`,
      "Take text or a number there, and transform it in the schema.",
      { cause: error },
    );
  }
}

/**
 * The JSON Schema of a schema as far as it can be drawn: what JSON Schema cannot say is left open (`{}`), where the schema's
 * library allows for it (zod does). `undefined` when there is none at all.
 */
export function knownJsonSchemaOf(schema: AnySchema, side: SchemaSide): JsonSchema | undefined {
  const converter = converterOf(schema);
  if (!converter) return undefined;
  try {
    return converter[side]({ target: TARGET, libraryOptions: { unrepresentable: "any" } });
  } catch {
    // Standard JSON Schema lets a library throw for what it cannot draw: then nothing is known, and that is the answer.
    return undefined;
  }
}

/**
 * 16 hex digits that change when the shape of a schema does. Where JSON Schema cannot say it all, only the part that is known
 * counts: two schemas that differ in the rest alone have the same fingerprint, and without any JSON Schema only the name of
 * the library counts.
 */
export function schemaFingerprint(schema: AnySchema, side: SchemaSide): string {
  return fingerprintOf(knownJsonSchemaOf(schema, side) ?? { vendor: schema["~standard"].vendor });
}

/** The first 16 hex digits of SHA-256 over canonical JSON. */
export function fingerprintOf(value: unknown): string {
  return sha256(canonicalJson(value)).slice(0, 16);
}

function converterOf(schema: AnySchema): StandardJSONSchemaV1.Converter | undefined {
  return (schema as Partial<StandardJSONSchemaV1> & AnySchema)["~standard"].jsonSchema;
}
