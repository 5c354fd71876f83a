import { type EpisodeSettings, runEpisode } from "../../../src/host/hub/episode.ts";
import { chainStart } from "../../../src/host/hub/history-chain.ts";
import { decisionEvent } from "../../../src/host/hub/hub-event.ts";
import { Instance } from "../../../src/host/hub/instance.ts";
import { LoadedHistory } from "../../../src/host/hub/loaded-history.ts";
import { EVENT } from "../../../src/host/hub/replay/replay-event.ts";
import { storedMessage } from "../../../src/host/hub/stored-event.ts";
import type { FunctionInvoker, HistoryEvent } from "../../../src/host/hub/task-hub.ts";
import { type ExportedInstance, eventsOf } from "./exported.ts";
import { withInstance } from "./history.ts";

const DAY_MS = 86_400_000;
export const REPLAY_SETTINGS: EpisodeSettings = {
  schema: 3,
  longestTimerMs: 6 * DAY_MS,
  timerLegMs: 3 * DAY_MS,
  httpPollMs: 30_000,
  maxActions: 100_000,
  problemOfInstanceId: () => null,
  trapped: () => {},
};

/**
 * I8: replayed from every prefix of its history, on functions that have never seen it, the orchestrator decides what it
 * decided, with the same ids and contents, twice.
 */
export async function replayViolations(
  instance: ExportedInstance,
  functions: FunctionInvoker,
  settings: Partial<EpisodeSettings> = {},
): Promise<string[]> {
  const events = eventsOf(instance);
  // A rewound history has lost decisions that its orchestrator will take again.
  if (events.some(({ EventType }) => EventType === EVENT.genericEvent)) return [];
  const violations: string[] = [];
  for (const { past, episode } of episodesOf(events)) {
    const decided = episode.filter(({ EventType }) => DECISIONS.has(EventType)).map(withoutTime);
    for (const attempt of ["first", "second"]) {
      const again = await decisionsOf(instance, past, episode, functions, { ...REPLAY_SETTINGS, ...settings });
      if (JSON.stringify(again) === JSON.stringify(decided)) continue;
      const text = `I8: replayed from event ${past.length} it decides ${JSON.stringify(again)}, not ${JSON.stringify(decided)}`;
      violations.push(withInstance(`${text} (${attempt} time)`, instance));
    }
  }
  return violations;
}

const DECISIONS: ReadonlySet<number> = new Set([
  EVENT.taskScheduled,
  EVENT.timerCreated,
  EVENT.subOrchestrationCreated,
  EVENT.eventSent,
  EVENT.executionCompleted,
]);

function episodesOf(events: readonly HistoryEvent[]) {
  const begins = events.flatMap(({ EventType }, place) => (EventType === EVENT.orchestratorStarted ? [place] : []));
  return begins.map((begin, index) => ({
    past: events.slice(0, begin),
    episode: events.slice(begin, begins[index + 1] ?? events.length),
  }));
}

async function decisionsOf(
  { row }: ExportedInstance,
  past: readonly HistoryEvent[],
  episode: readonly HistoryEvent[],
  functions: FunctionInvoker,
  settings: EpisodeSettings,
): Promise<unknown[]> {
  const text = past.map((event) => JSON.stringify(event)).join(",");
  const chunks = text === "" ? [] : [{ firstEvent: 0, eventCount: past.length, events: text, checksum: null }];
  const history = new LoadedHistory(chunks, row.inputJson, null, chainStart(row));
  const end = episode.findIndex(
    ({ EventType }) => DECISIONS.has(EventType) || EventType === EVENT.orchestratorCompleted,
  );
  const fresh = episode.slice(1, end).map((event) => storedMessage(JSON.stringify({ ...event, IsPlayed: false })));
  const nowMs = Date.parse(String(episode[0]?.Timestamp));
  const { decisions, terminated } = await runEpisode(new Instance(row, []), history, fresh, nowMs, functions, settings);
  if (terminated !== null) {
    const id = history.decisionCount;
    return [{ EventType: 1, EventId: id, OrchestrationStatus: 5, Result: terminated, FailureDetails: null }];
  }
  return decisions
    .flatMap((decision) => decisionEvent(decision, nowMs) ?? [])
    .map(({ text: json }) => withoutTime(JSON.parse(json) as HistoryEvent));
}

function withoutTime({ Timestamp: _time, IsPlayed: _played, ...rest }: HistoryEvent): object {
  return rest;
}
