import type { TypedData } from "./core-types.ts";

/**
 * An activity's input as it reaches the handler in production: objects and arrays as their JSON text; a string as it is,
 * and the SDK quoted it once more on the way in; numbers as text; nothing as an empty value.
 *
 * A bare boolean becomes `True` or `False`: .NET prints it that way, the text is no JSON, and the handler gets a string.
 * Inferred from the extension's source, not seen on a running one.
 *
 * @param inputJson - JSON text of the one input, null for none
 */
export function activityInput(inputJson: string | null): TypedData {
  if (inputJson === null || inputJson === "null") return {};
  if (inputJson === "true") return { string: "True" };
  if (inputJson === "false") return { string: "False" };
  return { string: inputJson.startsWith('"') ? JSON.parse(inputJson) : inputJson };
}

/** How a text begins that may be JSON, besides numbers and the three words. */
const MAY_BE_JSON = /^(?:[\s{["]|-?\d[\d.eE+-]*\s*$|(?:true|false|null)\s*$)/;

/**
 * Text as it reaches a function beside its trigger: the library tries to read it as JSON. A text that is none by its
 * beginning comes quoted, which is the same to the function, and spares the library an exception in every call.
 */
export function metadataText(text: string): TypedData {
  return MAY_BE_JSON.test(text) ? { string: text } : { json: JSON.stringify(text) };
}

/** True for an input that the trap above changes, so that the host can say so. */
export function isBareBoolean(inputJson: string | null): boolean {
  return inputJson === "true" || inputJson === "false";
}

/** @returns what a function returned as JSON text; null when it returned nothing */
export function resultJson(value: TypedData | null | undefined): string | null {
  if (!value) return null;
  if (isSet(value.json)) return value.json;
  if (isSet(value.string)) return JSON.stringify(value.string);
  if (isSet(value.int)) return JSON.stringify(value.int);
  // .NET writes what JSON numbers cannot hold (NaN, Infinity) as a quoted word.
  if (isSet(value.double)) return Number.isFinite(value.double) ? String(value.double) : `"${value.double}"`;
  if (isSet(value.bytes)) return JSON.stringify(Buffer.from(value.bytes).toString("base64"));
  return null;
}

function isSet<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined;
}
