import { type ThreadOperation, turnAnswer } from "../../wire/agent-thread.ts";
import { answered, type ChatMessage } from "../../wire/chat.ts";
import { LOST_TURN_ACTIVITY, orchestratorName, threadEntityName } from "../../wire/durable-names.ts";
import { canonicalJson, sha256 } from "../../wire/json.ts";
import type { RunStart } from "../../wire/run-start.ts";
import { runResult } from "../../wire/status.ts";
import { type TurnResult, type TurnStart, turnStart } from "../../wire/turn-start.ts";
import { entityIdOf, type Orchestration, type OrchestrationContext } from "../sdk.ts";

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
/** A history grows with each question whether it is this run's turn; then the orchestration starts over. */
const QUESTIONS_A_GENERATION = 50;

/** Which question is followed by a look whether the run before is lost: after some 16 s, and then every five minutes. */
const FIRST_LOOK = 5;
const LOOK_EVERY = 10;

/**
 * One turn in a thread with an agent. The thread's entity holds the conversation and says whose turn it is; the model is
 * called by a run of the agent, as a sub-orchestration of this one.
 *
 * ```
 * begin ──▶ granted, with the conversation ──▶ run of the agent ──▶ complete, with what the conversation came to
 *   ▲          │ not yet                            │ failed, cancelled
 *   └─ timer ◀─┘                                    └─────────────▶ abandon: the conversation stays as it was
 * ```
 *
 * A run that was ended from outside never says that it is done, so whoever waits behind it looks for that now and then.
 *
 * After a crash it goes on where it was: what entity and run answered is in its history, and an operation that comes twice
 * does no harm.
 */
export function* takeTurn(df: OrchestrationContext): Orchestration<TurnResult> {
  const start = turnStart.parse(df.getInput());
  const known = yield* waitForTurn(df, start);
  if (known === "startedOver" || known === "cancelled") return { format: 1, isCancelled: known === "cancelled" };
  const messages = yield* runAgent(df, start, known);
  const { runId, ttlMs } = start;
  yield* tell(
    df,
    start,
    messages ? { name: "complete", runId, messages: [...messages], ttlMs } : { name: "abandon", runId },
  );
  return { format: 1, isCancelled: false };
}

/** @returns the conversation so far, once it is this run's turn */
function* waitForTurn(
  df: OrchestrationContext,
  start: TurnStart,
): Orchestration<readonly ChatMessage[] | "startedOver" | "cancelled"> {
  const { runId, ttlMs } = start;
  for (let asked = start.asked; asked < start.asked + QUESTIONS_A_GENERATION; asked++) {
    const answer = turnAnswer.parse(yield* tell(df, start, { name: "begin", runId, ttlMs }));
    if (answer.isGranted) return answer.messages;
    if (answer.isCancelled) return "cancelled";
    if (start.freesLost && asked % LOOK_EVERY === FIRST_LOOK) yield* freeLost(df, start);
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** Math.min(asked, 30), LONGEST_DELAY_MS);
    yield df.createTimer(new Date(df.currentUtcDateTime.getTime() + delayMs));
  }
  df.continueAsNew({ ...start, asked: start.asked + QUESTIONS_A_GENERATION });
  return "startedOver";
}

function* tell(
  df: OrchestrationContext,
  { agent, threadId }: TurnStart,
  { name, ...input }: ThreadOperation,
): Orchestration<unknown> {
  return yield df.callEntity(entityIdOf(threadEntityName(agent), threadId), name, input);
}

function* freeLost(df: OrchestrationContext, { agent, threadId }: TurnStart): Orchestration<void> {
  try {
    yield df.callActivity(LOST_TURN_ACTIVITY, { agent, threadId });
  } catch {
    // The host could not be asked just now; it is asked again with a later question.
  }
}

/** @returns the conversation with question and answer; undefined when the run gave none */
function* runAgent(
  df: OrchestrationContext,
  { agent, plan, messages, seed, runId, generationLimits }: TurnStart,
  known: readonly ChatMessage[],
): Orchestration<readonly ChatMessage[] | undefined> {
  const input = [...known, ...messages];
  const start: RunStart = {
    format: 1,
    plan,
    inputJson: JSON.stringify(input),
    inputHash: sha256(canonicalJson(input)),
    seed,
    ...(generationLimits && { generationLimits }),
    ...(plan.timeoutMs !== undefined && { deadlineAtMs: df.currentUtcDateTime.getTime() + plan.timeoutMs }),
  };
  try {
    const result = runResult.parse(yield df.callSubOrchestrator(orchestratorName(agent), start, runId));
    const answer = result.status === "completed" ? result.outputs.at(-1) : undefined;
    return answer === undefined ? undefined : answered.parse(JSON.parse(answer)).messages;
  } catch {
    // Why it failed stands in the status of the run; here it only matters that the turn came to nothing.
    return undefined;
  }
}
