import { runEpisode } from "../../../src/host/hub/episode.ts";
import { chainStart } from "../../../src/host/hub/history-chain.ts";
import { genericEvent } from "../../../src/host/hub/hub-event.ts";
import { Instance } from "../../../src/host/hub/instance.ts";
import { LoadedHistory } from "../../../src/host/hub/loaded-history.ts";
import type { FunctionInvoker } from "../../../src/host/hub/task-hub.ts";
import type { ExportedInstance } from "../checker/exported.ts";
import { REPLAY_SETTINGS } from "../checker/replays.ts";

/** Reads a history as a hub does that starts, and runs one episode on it. */
export async function replayOnce({ row, chunks }: ExportedInstance, functions: FunctionInvoker): Promise<void> {
  const history = new LoadedHistory(chunks.slice(0, -1), row.inputJson, null, chainStart(row));
  const nowMs = history.latestStartMs;
  const events = [genericEvent("look", nowMs)];
  await runEpisode(new Instance(row, []), history, events, nowMs, functions, REPLAY_SETTINGS);
}
