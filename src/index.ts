export {
  ERRORS,
  type ErrorCode,
  isWorkflowError,
  NonRetryableError,
  type ValueIssue,
  WorkflowError,
} from "./errors.ts";
export { WorkflowBuilder } from "./graph/builder.ts";
export { type Catalog, defineCatalog } from "./graph/catalog.ts";
export type { ExecutorContext, StateAccess } from "./graph/context.ts";
export { toDot } from "./graph/dot.ts";
export { defineExecutor, type Executor, withId } from "./graph/executor.ts";
export { toMermaid } from "./graph/mermaid.ts";
export type { InputOf, OutputOf, YieldsOf } from "./graph/node-types.ts";
export { defineRequestPort, type RequestPort } from "./graph/request-port.ts";
export { type CompletionOf, isCompletionOf } from "./graph/run-events.ts";
export type { PortRequest, Run, RunOf, TypedRunEvent, WorkflowRunner } from "./graph/runner.ts";
export type { CompensationContext, RetryPolicy } from "./graph/runtime.ts";
export { type JsonSchema, jsonSchemaOf } from "./graph/schema.ts";
export { defineState, type StateKey } from "./graph/state.ts";
export type { Workflow } from "./graph/workflow.ts";
export type { ForkOptions } from "./inprocess/fork.ts";
export type { Journal, JournalRun, JournalWrite } from "./inprocess/journal/journal.ts";
export { createMemoryJournal } from "./inprocess/journal/memory.ts";
export { openSqliteJournal, type SqliteJournalOptions } from "./inprocess/journal/sqlite.ts";
export type { JournaledRunner, Recovery } from "./inprocess/journaled-runner.ts";
export { createInProcessRunner, runInProcess } from "./inprocess/runner.ts";
export type { ErrorData } from "./wire/error-data.ts";
export { type ErrorMessage, errorMessage } from "./wire/error-message.ts";

export type { RunUpdate } from "./wire/live-update.ts";

export { type MapResult, mapResult } from "./wire/map-result.ts";

export { DEFAULT_LIMITS, type Limits, type Plan } from "./wire/plan.ts";
export type { RunEvent } from "./wire/run-event.ts";
export type { RunStatus, RunStatusName, WaitingRequest } from "./wire/status.ts";
