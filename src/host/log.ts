/** The levels of the Functions host, in rising order; `none` is above all of them. */
export const LOG_LEVELS = ["trace", "debug", "information", "warning", "error", "critical", "none"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Takes one line. `functionName` is set for a line that a function of the app wrote. */
export type WriteLog = (level: LogLevel, message: string, functionName?: string) => void;

export function isAtLeast(level: LogLevel, threshold: LogLevel): boolean {
  return threshold !== "none" && LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(threshold);
}
