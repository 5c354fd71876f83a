import type { GraphNode } from "./runtime.ts";
import type { SchemaSide } from "./schema.ts";
import type { AnySchema } from "./schema-types.ts";

/** A schema of an executor or port, by the name of its place, with the side of it that counts for others. */
export interface SchemaPlace {
  readonly place: "input" | "output" | "sends" | "yields" | "request" | "response";
  readonly schema: AnySchema;
  readonly side: SchemaSide;
}

/** The schemas of an executor or port. What comes in counts as it is taken, what goes out as it is given. */
export function schemaPlaces(node: GraphNode): SchemaPlace[] {
  if (node.kind === "workflow") return []; // its own plan has them
  if (node.kind === "port") {
    return [
      { place: "request", schema: node.request, side: "input" },
      { place: "response", schema: node.response, side: "input" },
    ];
  }
  const places: SchemaPlace[] = [{ place: "input", schema: node.input, side: "input" }];
  for (const place of ["output", "sends", "yields"] as const) {
    const schema = node[place];
    if (schema) places.push({ place, schema, side: "output" });
  }
  return places;
}
