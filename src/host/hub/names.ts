const MAX_ID_LENGTH = 256;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const FORBIDDEN_IN_IDS = /[/\\#?\u0000-\u001f\u007f-\u009f]/;
const HALF_A_PAIR = /\p{Surrogate}/u;

/** What is wrong with an instance id, or null. */
export function problemOfInstanceId(instanceId: string): string | null {
  if (instanceId.trim() === "") return "it is empty";
  if (instanceId.startsWith("@")) return "it begins with @, which is kept for entities";
  if (instanceId.length > MAX_ID_LENGTH) return `it is longer than ${MAX_ID_LENGTH} characters`;
  if (FORBIDDEN_IN_IDS.test(instanceId)) return "it holds one of / \\ # ? or a control character";
  // The disk would turn it into another character, and two ids could become one.
  if (HALF_A_PAIR.test(instanceId)) return "it holds half of a surrogate pair";
  return null;
}

/**
 * What is wrong with the name of an external event, or null. The SDK files events and numbered tasks under one key, so
 * an event called "3" could be taken for the result of task 3.
 */
export function problemOfEventName(eventName: string): string | null {
  if (eventName.trim() === "") return "it is empty";
  if (HALF_A_PAIR.test(eventName)) return "it holds half of a surrogate pair";
  if (/^\d+$/.test(eventName)) return "it is a whole number, which the SDK would take for the id of a task";
  return null;
}
