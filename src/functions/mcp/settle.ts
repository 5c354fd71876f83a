import { getRun } from "../../durable/client.ts";
import type { Instances } from "../../durable/sdk.ts";
import { readTurn } from "../../durable/threads/turns.ts";
import type { AnyWorkflow } from "../../graph/workflow.ts";
import { isGoingOn, pollUntil, systemClock } from "../../remote/poll.ts";
import type { RunStatus } from "../../wire/status.ts";

/** Something a tool stands for: a workflow, or an agent, whose runs are turns in a thread. */
export interface Subject {
  readonly definition: AnyWorkflow;
  readonly isAgent: boolean;
}

/** What a tool tells of. */
export interface Told {
  readonly run: RunStatus;
  /** The thread of a turn; undefined for a run of a workflow. */
  readonly threadId?: string;
  /** Nothing will change any more. */
  readonly isOver: boolean;
}

/** @throws {WorkflowError} `RUN_NOT_FOUND` */
async function look(instances: Instances, { definition, isAgent }: Subject, runId: string): Promise<Told> {
  if (isAgent) return readTurn(instances, definition, runId);
  const run = await getRun(instances, definition, runId);
  return { run, isOver: !isGoingOn(run) };
}

/**
 * Waits until a run has ended or waits for a person, but not for longer than `waitMs`.
 *
 * @param answered - a request that was answered just now, and may still be listed as open
 */
export function settle(
  instances: Instances,
  subject: Subject,
  runId: string,
  waitMs: number,
  answered?: string,
): Promise<Told> {
  const asks = ({ run }: Told) => run.waitingForInput.some(({ requestId }) => requestId !== answered);
  return pollUntil(
    () => look(instances, subject, runId),
    (told) => told.isOver || asks(told),
    waitMs,
    systemClock,
  );
}
