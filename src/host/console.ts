import { join } from "node:path";
import { styleText } from "node:util";
import type { LocalHost } from "./local-host.ts";
import { isAtLeast, type WriteLog } from "./log.ts";

/** Writes log lines as `func start` does: the time in brackets, warnings and errors in colour, errors to stderr. */
export const writeToConsole: WriteLog = (level, message) => {
  const line = `[${new Date().toISOString()}] ${message}`;
  if (isAtLeast(level, "error")) process.stderr.write(`${styleText("red", line, { stream: process.stderr })}\n`);
  else if (level === "warning") process.stdout.write(`${styleText("yellow", line, { stream: process.stdout })}\n`);
  else process.stdout.write(`${line}\n`);
};

/** What the host offers, in the order of its routes: HTTP functions with their URL, then the others with their trigger. */
export function bannerLines(
  { functions, url, checksKeys }: Pick<LocalHost, "functions" | "url" | "checksKeys">,
  dataDir: string,
): string[] {
  const isHttp = ({ triggerType }: LocalHost["functions"][number]) => triggerType.toLowerCase() === "httptrigger";
  const ordered = [...functions.filter(isHttp), ...functions.filter((fn) => !isHttp(fn))];
  const lines = ordered.map(({ name, triggerType, methods, path, isDisabled }) => {
    if (isDisabled) return `  ${name}: disabled`;
    if (path === null) return `  ${name}: ${triggerType}`;
    return `  ${name}: [${methods.join(",") || "ANY"}] ${url}/${path}`;
  });
  const owner = `Process ${process.pid} keeps its state in ${dataDir}.`;
  const keys = checksKeys ? [`Callers are asked for keys. ${join(dataDir, "keys.json")} holds them.`] : [];
  return ["", "Functions:", "", ...lines, "", owner, ...keys, `Host is ready: ${url}`];
}
