import { readFileSync } from "node:fs";
import type { z } from "zod";
import { type ErrorCode, WorkflowError } from "../../errors.ts";

/**
 * Reads a JSON file with comments, as the Functions host accepts them in `host.json` and `local.settings.json`.
 *
 * @returns null when the file does not exist
 * @throws {WorkflowError} `code` when the file cannot be read, is not JSON, or has another shape than `schema`
 */
export function readJsonFile<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  code: ErrorCode,
): z.output<Schema> | null {
  const text = readText(file, code);
  if (text === null) return null;
  const parsed = schema.safeParse(parse(text, file, code));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "the file"}: ${message}`);
  throw new WorkflowError(code, `${file} does not have the expected shape: ${issues.join("; ")}.`, "Correct the file.");
}

function readText(file: string, code: ErrorCode): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new WorkflowError(code, `${file} cannot be read.`, "Make it a file that this user may read.", {
      cause: error,
    });
  }
}

function parse(text: string, file: string, code: ErrorCode): unknown {
  try {
    return JSON.parse(withoutComments(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new WorkflowError(code, `${file} is not JSON: ${reason}.`, "Correct the file.", { cause: error });
  }
}

/** Strings are matched first, so that `//` inside one stays. */
const STRING_OR_COMMENT = /"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

function withoutComments(text: string): string {
  return text.replace(/^\uFEFF/, "").replace(STRING_OR_COMMENT, (found) => (found.startsWith('"') ? found : " "));
}
