/** Reads a duration as .NET writes it: `hh:mm:ss`, with days before it (`1.02:00:00`) and a fraction behind. Null if it is none. */
export function parseDuration(text: string): number | null {
  const match = /^(?:(\d+)\.)?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?$/.exec(text.trim());
  if (!match) return null;
  const [, days = "0", hours = "0", minutes = "0", seconds = "0", fraction = "0"] = match;
  const wholeSeconds = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return wholeSeconds * 1_000 + Math.round(Number(`0.${fraction}`) * 1_000);
}
