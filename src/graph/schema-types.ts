import type { StandardSchemaV1 } from "@standard-schema/spec";

/** A schema of any library that follows Standard Schema. */
export type AnySchema = StandardSchemaV1<unknown, unknown>;

/** What a schema takes: the value before it was checked. */
export type Takes<Schema extends AnySchema> = StandardSchemaV1.InferInput<Schema>;

/** What a schema gives: the value after it was checked. */
export type Gives<Schema extends AnySchema> = StandardSchemaV1.InferOutput<Schema>;
