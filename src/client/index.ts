export { isWorkflowError, WorkflowError } from "../errors.ts";
export { type AgentClient, type AgentThread, type AgentTurn, createAgentClient } from "./agent-client.ts";
export type { HttpOptions } from "./connection.ts";
export { createHttpRunner } from "./http-runner.ts";
export { createWorkflowClient, type WorkflowClient } from "./workflow-client.ts";
