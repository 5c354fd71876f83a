/** What travels in a drawn run: `fuel` is how many calls may still follow, `tag` makes every message one of its own. */
export interface Message {
  readonly fuel: number;
  readonly tag: number;
}

/** The fuel in whatever an executor may be called with: a message, a list of a fan-in, a failure, request and response, a result of a map. */
export function fuelOf(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, one: unknown) => sum + fuelOf(one), 0);
  if (typeof value !== "object" || value === null) return 0;
  const { fuel, input, response, output } = value as Readonly<Record<string, unknown>>;
  if (typeof fuel === "number") return fuel;
  // A failure goes to every error edge as it is, and may fail there again: less is left each time.
  if (output !== undefined) return fuelOf(output); // of one item of a map
  return response === undefined ? Math.floor(fuelOf(input) / 2) : fuelOf(response);
}

/** Divides what is left after a call among the copies of what it sends. */
export function shareOf(fuel: number, copies: number): number {
  return Math.floor(Math.max(0, fuel - 1) / Math.max(1, copies));
}
