import type { OrchestratorCall } from "./capture-functions.ts";

/** The episodes of a run by generation, the oldest first: each has an execution id of its own. */
export function byGeneration(calls: readonly OrchestratorCall[]): readonly (readonly OrchestratorCall[])[] {
  const generations = new Map<string, OrchestratorCall[]>();
  for (const call of calls) {
    const id = executionId(call);
    const generation = generations.get(id);
    if (generation) generation.push(call);
    else generations.set(id, [call]);
  }
  return [...generations.values()];
}

/** What is kept of an episode: how long its history was, and what somebody made of it. */
export interface EpisodeOf<Said> {
  readonly historyLength: number;
  readonly said: Said;
}

export interface Generation<Said> {
  /** The last episode: its history begins with those of all the others. */
  readonly last: OrchestratorCall;
  readonly episodes: readonly EpisodeOf<Said>[];
}

/** Takes the episodes of a run as they come, and keeps one history for each generation: all of them would grow with its square. */
export class Generations<Said> {
  readonly #saidIn: (call: OrchestratorCall) => Said;
  readonly #all: { id: string; last: OrchestratorCall; readonly episodes: EpisodeOf<Said>[] }[] = [];

  constructor(saidIn: (call: OrchestratorCall) => Said) {
    this.#saidIn = saidIn;
  }

  take(call: OrchestratorCall): void {
    const id = executionId(call);
    const episode = { historyLength: call.trigger.history.length, said: this.#saidIn(call) };
    const current = this.#all.at(-1);
    if (current?.id !== id) {
      this.#all.push({ id, last: call, episodes: [episode] });
      return;
    }
    current.last = call;
    current.episodes.push(episode);
  }

  /** The oldest first. */
  get all(): readonly Generation<Said>[] {
    return this.#all;
  }
}

function executionId({ trigger }: OrchestratorCall): string {
  const begun = trigger.history.find((event) => "OrchestrationInstance" in event);
  if (!begun) throw new Error("A history holds the beginning of its execution.");
  return (begun.OrchestrationInstance as { readonly ExecutionId: string }).ExecutionId;
}
