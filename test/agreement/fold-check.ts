import { expect } from "vitest";
import { customStatusOf } from "../../src/durable/custom-status.ts";
import { ownStart } from "../../src/durable/own-start.ts";
import { foldRun } from "../../src/durable/run-fold.ts";
import { type HistoryFact, parseHistory } from "../../src/durable/run-history.ts";
import type { WorkflowNode } from "../../src/graph/runtime.ts";
import { renderHistoryEvents } from "../../src/host/hub/render-history-events.ts";
import type { HistoryEvent } from "../../src/host/hub/task-hub.ts";
import { ARCHIVE_ACTIVITY } from "../../src/wire/durable-names.ts";
import type { RunStart } from "../../src/wire/run-start.ts";
import type { CustomStatus } from "../../src/wire/status.ts";
import { answerJsonOf, type OrchestratorCall } from "../support/capture-functions.ts";
import { type EpisodeOf, type Generation, Generations } from "../support/generations.ts";
import { RUN_ID } from "./runners.ts";

/** What an episode said, and how much of it goes beyond its history. */
interface Said {
  readonly published: CustomStatus | undefined;
  readonly archives: number;
}

/** An episode that has published a state. */
type Published = EpisodeOf<Said & { readonly published: CustomStatus }>;

function isPublished(episode: EpisodeOf<Said>): episode is Published {
  return episode.said.published !== undefined;
}

/**
 * Watches the episodes of a run, and then holds that from the history of an episode comes the very state that the orchestrator
 * published at its end. Long runs have thousands of episodes, each with the whole history of its generation: only what it said
 * is kept of each, and of each generation the longest history, which begins with all the others.
 */
export class FoldCheck {
  readonly #generations = new Generations<Said>(saidIn);

  readonly watch = (call: OrchestratorCall): void => this.#generations.take(call);

  /** @throws when a history tells another state than was published, and when there was none to compare */
  check(workflow: WorkflowNode): void {
    const { all } = this.#generations;
    let compared = 0;
    for (const [place, { last, episodes }] of all.entries()) {
      // With the last episode of a generation its history is gone, and what came in it is carried over: nobody ever reads it.
      const read = place < all.length - 1 ? episodes.slice(0, -1) : episodes;
      const published = read.filter(isPublished);
      for (const episode of atMost(MAX_FOLDS, published)) checkFold(workflow, last, episode);
      compared += published.length;
    }
    expect(compared, "episodes that published a state").toBeGreaterThan(0);
  }
}

/** Of one generation: a fold costs as much as its history is long. */
const MAX_FOLDS = 12;

function atMost<One>(most: number, all: readonly One[]): readonly One[] {
  const stride = Math.ceil(all.length / most);
  return all.filter((_one, place) => place % stride === 0);
}

function saidIn({ result }: OrchestratorCall): Said {
  const json = answerJsonOf(result);
  return { published: JSON.parse(json).customStatus, archives: archivesIn(json) };
}

function checkFold(
  workflow: WorkflowNode,
  { trigger }: Generation<Said>["last"],
  { historyLength, said: { published, archives } }: Published,
): void {
  const history = trigger.history.slice(0, historyLength) as unknown as HistoryEvent[];
  const { state } = foldOf(history, archives);
  const { generation, createdAtMs } = published;
  const folded = customStatusOf(workflow.plan, state, { generation, createdAtMs });
  expect(folded, "folded from the history, as the orchestrator published it").toEqual(published);
}

function foldOf(history: readonly HistoryEvent[], archives: number) {
  const started = history.find((event) => "Input" in event && "Name" in event) as { Input?: string } | undefined;
  const start = ownStart(JSON.parse(started?.Input ?? "null") as RunStart, RUN_ID);
  const facts = parseHistory(renderHistoryEvents(history, { showHistoryOutput: true, showInput: true }));
  // The hub writes down what an episode asks for together with its status; the history that the episode had ends before that.
  const isAsking = archives > archivesIn(JSON.stringify(history.filter((event) => "Name" in event)));
  const asked: HistoryFact[] = isAsking
    ? [{ kind: "archiving", atMs: Date.parse(String(history.at(-1)?.Timestamp)) }]
    : [];
  return foldRun({ runId: RUN_ID, start, createdAtMs: 0, facts: [...facts, ...asked] });
}

/** How often the archive was called by then. */
function archivesIn(json: string): number {
  return json.split(`"${ARCHIVE_ACTIVITY}"`).length - 1;
}
