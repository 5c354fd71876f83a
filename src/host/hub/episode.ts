import { executionCompleted, type HubEvent, orchestratorStarted } from "./hub-event.ts";
import type { Instance, Message } from "./instance.ts";
import type { LoadedHistory } from "./loaded-history.ts";
import type { ReplaySettings } from "./replay/actions.ts";
import { type Answer, readAnswer } from "./replay/answer.ts";
import type { Decision } from "./replay/decision.ts";
import { failure, replayOn } from "./replay/replay.ts";
import { EVENT, isCompletion } from "./replay/replay-event.ts";
import { ReplayFailure } from "./replay/replay-failure.ts";
import type { Trap } from "./replay/traps.ts";
import type { FunctionInvoker, OrchestratorResult } from "./task-hub.ts";
import { eventValues, orchestrationTrigger, type TriggerSettings } from "./trigger.ts";

export interface EpisodeSettings extends TriggerSettings {
  readonly maxActions: number;
  readonly problemOfInstanceId: (instanceId: string) => string | null;
  readonly trapped: (orchestrator: string, trap: Trap) => void;
}

/** What one episode came to. */
export interface Episode {
  /** OrchestratorStarted and the messages taken in. */
  readonly fresh: readonly HubEvent[];
  readonly decisions: readonly Decision[];
  /** Null when the orchestrator set none in this episode: as on the real host, that of earlier episodes is gone then. */
  readonly customStatusJson: string | null;
  /** The reason, when the instance was terminated; there are no decisions then. */
  readonly terminated: string | null;
}

/** The events of the messages that count: of this execution, and no outcome twice. */
export function newEvents(instance: Instance, history: LoadedHistory, taken: readonly Message[]): HubEvent[] {
  const seen = new Set<number>();
  return taken
    .filter(({ executionId, event: { replay: event } }) => {
      if (executionId !== null && executionId !== instance.executionId) return false;
      if (!history.expects(event)) return false;
      if (!isCompletion(event)) return true;
      const isFirst = !seen.has(event.taskId);
      seen.add(event.taskId);
      return isFirst;
    })
    .map(({ event }) => event);
}

/**
 * Runs one episode: calls the orchestrator with the whole history, or goes on where it stands, and finds what it decides.
 * Nothing of that is recorded yet. A termination needs no call, so that it also ends an instance whose orchestrator hangs or is gone.
 */
export async function runEpisode(
  instance: Instance,
  history: LoadedHistory,
  events: readonly HubEvent[],
  nowMs: number,
  invoker: FunctionInvoker,
  settings: EpisodeSettings,
): Promise<Episode> {
  const fresh = [orchestratorStarted(Math.max(nowMs, history.latestStartMs)), ...events];
  for (const { replay: event } of events) {
    if (event.type !== EVENT.executionTerminated) continue;
    return { fresh, decisions: [], customStatusJson: null, terminated: event.reason };
  }
  const result = await callOrchestrator(instance, history, fresh, invoker, settings);
  history.keepSession(result.session, fresh.length);
  return { fresh, terminated: null, ...decide(instance, history, fresh, result, invoker, settings) };
}

/** The event that closes a terminated instance's history; its id is the next one free. */
export function terminationEvent(history: LoadedHistory, reason: string, nowMs: number): HubEvent {
  return executionCompleted(history.decisionCount, "Terminated", reason, nowMs);
}

async function callOrchestrator(
  instance: Instance,
  history: LoadedHistory,
  fresh: readonly HubEvent[],
  invoker: FunctionInvoker,
  settings: EpisodeSettings,
): Promise<OrchestratorResult> {
  const { instanceId, name, parent } = instance.row;
  if (!invoker.hasFunction("orchestration", name)) {
    return { ok: false, message: `There is no orchestrator function '${name}' in this app.`, stack: "" };
  }
  const { stored: past, inputJson } = history;
  const parentInstanceId = parent?.instanceId ?? null;
  const kept = history.takeSession();
  try {
    if (kept) return await kept.session.resume(eventValues(kept.unseen, fresh));
    const trigger = orchestrationTrigger({ past, fresh, inputJson, instanceId, parentInstanceId }, settings);
    return await invoker.invokeOrchestrator(name, trigger, instanceId);
  } catch (error) {
    const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
    return { ok: false, message, stack };
  }
}

function decide(
  instance: Instance,
  history: LoadedHistory,
  fresh: readonly HubEvent[],
  result: OrchestratorResult,
  invoker: FunctionInvoker,
  settings: EpisodeSettings,
): Pick<Episode, "decisions" | "customStatusJson"> {
  const { name } = instance.row;
  try {
    const answer = readAnswer(result);
    refuseLargeStatus(answer);
    const events = [...history.events, ...fresh.map((event) => event.replay)];
    const { executionId } = instance;
    const { decisions, player } = replayOn(history.player, {
      name,
      executionId,
      events,
      answer,
      idsTaken: result.idsTaken,
      settings: replaySettings(instance, invoker, settings),
    });
    history.player = result.session ? player : null;
    return { decisions, customStatusJson: answer.customStatusJson };
  } catch (error) {
    if (!(error instanceof ReplayFailure)) throw error;
    const stack = result.ok ? "" : result.stack;
    return { decisions: [failure(name, history.decisionCount, error.message, stack)], customStatusJson: null };
  }
}

function replaySettings({ row }: Instance, invoker: FunctionInvoker, settings: EpisodeSettings): ReplaySettings {
  return {
    ...settings,
    instanceId: row.instanceId,
    parentInstanceId: row.parent?.instanceId ?? null,
    isRegistered: (kind, name) => invoker.hasFunction(kind, name),
    trapped: (trap) => settings.trapped(row.name, trap),
  };
}

const MAX_STATUS_KB = 16;

/** The extension counts UTF-16 and cuts to whole kilobytes, so the first size it refuses is 17 KB. */
function refuseLargeStatus({ customStatusJson }: Answer): void {
  const sizeKb = Math.floor(((customStatusJson?.length ?? 0) * 2) / 1024);
  if (sizeKb <= MAX_STATUS_KB) return;
  throw new ReplayFailure(
    `The custom status is ${sizeKb} KB of UTF-16 JSON; at most ${MAX_STATUS_KB} KB are allowed. Keep it short.`,
  );
}
