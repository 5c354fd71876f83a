import { isAtLeast, type LogLevel, type WriteLog } from "./log.ts";

/** By category, as written in `host.json`: `default`, `Function`, `Function.run` … */
export type LogLevels = Readonly<Record<string, LogLevel>>;

/** Writes only the lines that reach the threshold of their category. */
export function withThresholds(write: WriteLog, levels: LogLevels): WriteLog {
  const thresholds = new Map<string | undefined, LogLevel>();
  return (level, message, functionName) => {
    const threshold = thresholds.get(functionName) ?? logThreshold(levels, functionName);
    thresholds.set(functionName, threshold);
    if (isAtLeast(level, threshold)) write(level, message, functionName);
  };
}

/** The threshold for lines of one function: the nearest category named in `host.json` counts. */
export function logThreshold(levels: LogLevels, functionName: string | undefined): LogLevel {
  const categories =
    functionName === undefined ? ["Host"] : [`Function.${functionName}.User`, `Function.${functionName}`, "Function"];
  const named = [...categories, "default"].find((category) => levels[category] !== undefined);
  return (named === undefined ? undefined : levels[named]) ?? "information";
}
