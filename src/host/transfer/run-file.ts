import { createHash } from "node:crypto";
import { z } from "zod";
import { WorkflowError } from "../../errors.ts";

const FORMAT = "durable-workflows/run";
const VERSION = 1;

const text = z.string();
const nullable = z.string().nullable();
const whole = z.int();
const status = z.enum([
  ...["Pending", "Running", "Suspended", "Completed", "ContinuedAsNew", "Failed", "Canceled", "Terminated"],
] as const);

const parent = z.strictObject({ instanceId: text, executionId: text, name: text, taskId: whole });
const chunk = z.strictObject({ firstEvent: whole, eventCount: whole, events: text });

/** One orchestration instance with all that is to be done for it. JSON values are JSON text, times milliseconds. */
const exportedInstance = z.strictObject({
  instanceId: text,
  executionId: text,
  name: text,
  version: nullable,
  status,
  parent: parent.nullable(),
  inputJson: nullable,
  customStatusJson: nullable,
  output: nullable,
  createdAtMs: whole,
  updatedAtMs: whole,
  history: z.array(chunk),
  /** `order` counts over messages, activities, timers and entity messages of the file. */
  messages: z.array(z.strictObject({ order: whole, executionId: nullable, event: text })),
  activities: z.array(
    z.strictObject({ order: whole, executionId: text, taskId: whole, name: text, inputJson: nullable }),
  ),
  timers: z.array(z.strictObject({ order: whole, executionId: text, timerId: whole, fireAtMs: whole })),
});

const entityLock = z.strictObject({ requestId: text, instanceId: text, executionId: text });

const runFile = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  /** The run, and after it its sub-orchestrations that are open. */
  instances: z.array(exportedInstance).min(1),
  entities: z.array(
    z.strictObject({
      entityId: text,
      exists: z.boolean(),
      stateJson: nullable,
      lock: entityLock.nullable(),
      updatedAtMs: whole,
    }),
  ),
  entityMessages: z.array(
    z.strictObject({ order: whole, entityId: text, name: z.enum(["op", "release"]), requestJson: text }),
  ),
});

export type ExportedInstance = z.infer<typeof exportedInstance>;
export type RunFile = z.infer<typeof runFile>;
export type RunFileContent = Omit<RunFile, "format" | "version">;

const sealed = runFile.extend({ checksum: text });

/** The text of a file: JSON with the SHA-256 of everything before the last field. */
export function writeRunFile(content: RunFileContent): string {
  const file: RunFile = { format: FORMAT, version: VERSION, ...content };
  return `${JSON.stringify({ ...file, checksum: checksumOf(file) }, null, 2)}\n`;
}

/** @throws {WorkflowError} `RUN_FILE_INVALID` for a text that is no such file, or was changed */
export function readRunFile(fileText: string): RunFile {
  const parsed = sealed.safeParse(parse(fileText));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(`it has another shape: ${issue?.path.join(".") || "the whole file"}: ${issue?.message}`);
  }
  const { checksum, ...file } = parsed.data;
  if (checksum !== checksumOf(file)) throw invalid("its checksum does not match its content");
  return file;
}

/** Over the fields in the order of the format, whatever order and white space the file has. */
function checksumOf(file: RunFile): string {
  return createHash("sha256")
    .update(JSON.stringify(runFile.parse(file)))
    .digest("hex");
}

function parse(fileText: string): unknown {
  try {
    return JSON.parse(fileText);
  } catch (error) {
    throw invalid(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function invalid(why: string): WorkflowError {
  return new WorkflowError(
    "RUN_FILE_INVALID",
    `This is not a run that was exported, or not as it was written: ${why}.`,
    "Export the run again.",
  );
}
