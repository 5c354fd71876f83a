import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { type JsonSchema, jsonSchemaOf } from "../graph/schema.ts";
import type { AnySchema } from "../graph/schema-types.ts";

interface Member {
  readonly name: string;
  readonly schema: AnySchema;
  readonly isOptional?: boolean;
  /** The value goes on as it came: who reads it next runs the schema again. */
  readonly isKept?: boolean;
}

/**
 * A schema of objects with one more member, whose schema may come from any library. Zod cannot hold a schema of another, and
 * would turn a value twice that is to be turned once.
 */
export function withMember(base: AnySchema, member: Member): AnySchema & StandardJSONSchemaV1<unknown, unknown> {
  return {
    "~standard": {
      version: 1,
      vendor: "durable-workflows",
      validate: (value) => validated(base, member, value),
      jsonSchema: {
        input: () => drawn(base, member, "input"),
        output: () => drawn(base, member, member.isKept ? "input" : "output"),
      },
    },
  };
}

type Answer = StandardSchemaV1.Result<unknown>;

/** Answers at once where both schemas do. */
function validated(base: AnySchema, member: Member, value: unknown): Answer | Promise<Answer> {
  const object = base["~standard"].validate(value);
  return object instanceof Promise
    ? object.then((answer) => withChecked(answer, member, value))
    : withChecked(object, member, value);
}

function withChecked(object: Answer, member: Member, value: unknown): Answer | Promise<Answer> {
  if (object.issues) return object;
  const given = (value as Readonly<Record<string, unknown>>)[member.name];
  if (given === undefined && member.isOptional) return object;
  const checked = member.schema["~standard"].validate(given);
  const join = (answer: Answer): Answer => {
    if (!answer.issues)
      return { value: { ...(object.value as object), [member.name]: member.isKept ? given : answer.value } };
    return { issues: answer.issues.map((issue) => ({ ...issue, path: [member.name, ...(issue.path ?? [])] })) };
  };
  return checked instanceof Promise ? checked.then(join) : join(checked);
}

function drawn(base: AnySchema, { name, schema, isOptional }: Member, side: "input" | "output"): JsonSchema {
  const object = jsonSchemaOf(base, side);
  const { $schema: _draft, ...shape } = jsonSchemaOf(schema, side, `"${name}"`);
  // One that refers into itself gets an id, so that "#" goes on to mean it, and not the object around it.
  const refersToItself = JSON.stringify(shape).includes('"$ref":"#');
  const member = refersToItself ? { $id: `urn:durable-workflows:member:${name}`, ...shape } : shape;
  const required = [...((object.required as string[] | undefined) ?? []), ...(isOptional ? [] : [name])];
  return { ...object, properties: { ...(object.properties as object), [name]: member }, required };
}
