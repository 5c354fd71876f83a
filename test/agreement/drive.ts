import { vi } from "vitest";
import { isWorkflowError } from "../../src/errors.ts";
import type { RunStatus } from "../../src/index.ts";
import { isGoingOn } from "../../src/remote/poll.ts";
import { nodesOn, TOP } from "../../src/wire/frame-path.ts";
import type { WaitingRequest } from "../../src/wire/status.ts";
import {
  chance,
  type DrawnGraph,
  type DrawnNested,
  type DrawnPort,
  type DrawnRun,
  type DrawnVertex,
} from "./drawn-run.ts";
import { fuelOf, shareOf } from "./messages.ts";
import type { Work } from "./work.ts";

/** A run as the outside has it, on whatever runner. */
export interface DrivenRun {
  status(): Promise<RunStatus>;
  answer(request: WaitingRequest, response: object): Promise<void>;
  cancel(reason: string): Promise<void>;
}

const MAX_TURNS = 2_000;

/**
 * Takes a drawn run to its end: whenever it has nothing left to do by itself, somebody answers or cancels as it was drawn, or
 * else time passes until the next thing is due.
 *
 * @returns the status at the end
 */
export async function drive(drawn: DrawnRun, run: DrivenRun, work: Work): Promise<RunStatus> {
  const outside = new Outside(drawn, run);
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    await work.rest();
    const status = await run.status();
    if (!isGoingOn(status)) return status;
    const hasActed = !work.isAsleep && (await outside.act(status));
    if (!hasActed && !(await passTime(run, work))) await outside.moveOn(status);
  }
  throw new Error(`The run has not ended after ${MAX_TURNS} turns: ${JSON.stringify(await run.status())}`);
}

/**
 * As {@link drive}, but people act whenever they like: while calls are under way, between two of them, twice in a row. What
 * comes of it depends on who is faster; that it is recorded as it was told does not.
 */
export async function driveRestlessly(drawn: DrawnRun, run: DrivenRun, work: Work): Promise<RunStatus> {
  const outside = new Outside(drawn, run);
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const stepsBefore = work.steps;
    for (let left = chance(drawn.seed, "turns", turn) * MOST_LOOKED_AWAY; left > 0; left--) await nextTurn();
    const status = await run.status();
    if (!isGoingOn(status)) return status;
    const isAwake = chance(drawn.seed, "awake", turn) < 0.5;
    const hasActed = isAwake && (await inTime(() => outside.act(status)));
    if (hasActed || work.steps !== stepsBefore) continue;
    await work.rest();
    if (work.steps === stepsBefore && !(await passTime(run, work))) await inTime(() => outside.moveOn(status));
  }
  throw new Error(`The run has not ended after ${MAX_TURNS} turns: ${JSON.stringify(await run.status())}`);
}

const MOST_LOOKED_AWAY = 12;

/** What comes a little too late is refused where the runner knows. @returns false then */
async function inTime<Result>(act: () => Promise<Result>): Promise<Result | false> {
  try {
    return await act();
  } catch (error) {
    if (isWorkflowError(error) && TOO_LATE.includes(error.code)) return false;
    throw error;
  }
}

const TOO_LATE = ["RUN_ENDED", "REQUEST_CLOSED"];

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Lets time pass until something happens. Hubs and orchestrations wake up now and then, also for what is not due any more;
 * that is nothing.
 *
 * @returns false when nothing was due
 */
async function passTime(run: DrivenRun, work: Work): Promise<boolean> {
  const progressBefore = work.progress;
  while (vi.getTimerCount() > 0) {
    const stepsBefore = work.steps;
    vi.advanceTimersToNextTimer();
    await nextTurn();
    if (work.steps === stepsBefore) continue;
    await work.rest();
    if (work.progress !== progressBefore || !isGoingOn(await run.status())) return true;
  }
  return false;
}

/** The people around a run. */
class Outside {
  readonly #drawn: DrawnRun;
  readonly #run: DrivenRun;
  /** How often a request was answered. */
  readonly #answers = new Map<string, number>();
  #isCancelled = false;

  constructor(drawn: DrawnRun, run: DrivenRun) {
    this.#drawn = drawn;
    this.#run = run;
  }

  /** @returns false when nobody does anything */
  async act(status: RunStatus): Promise<boolean> {
    const { cancelAtSuperstep = Number.POSITIVE_INFINITY } = this.#drawn;
    if (this.#isCancelled || status.superstep < cancelAtSuperstep)
      return this.#answerOne(status, (port) => port.answered);
    await this.#cancel("as it was drawn");
    return true;
  }

  /** For a run that only somebody outside can move. */
  async moveOn(status: RunStatus): Promise<void> {
    if (this.#isCancelled) throw new Error(`The run was cancelled and does not end: ${JSON.stringify(status)}`);
    const isPatient = chance(this.#drawn.seed, "patience", status.superstep) < 0.7;
    if (!isPatient || !(await this.#answerOne(status, () => 1))) await this.#cancel("nobody answers");
  }

  async #cancel(reason: string): Promise<void> {
    this.#isCancelled = true;
    await this.#run.cancel(reason);
  }

  async #answerOne({ waitingForInput }: RunStatus, answered: (port: DrawnPort) => number): Promise<boolean> {
    const { seed } = this.#drawn;
    for (const request of waitingForInput.toSorted((one, other) => numberOf(one) - numberOf(other))) {
      const port = portOf(this.#drawn, request);
      const roll = (what: string) => chance(seed, what, numberOf(request), this.#answers.get(request.requestId) ?? 0);
      if (roll("answers") >= answered(port)) continue;
      const response = {
        fuel: shareOf(fuelOf(request.input), 2),
        tag: Math.floor(roll("tag") * 1_000_000),
        ...(roll("refuses") < port.refused && { refuse: true }),
      };
      this.#answers.set(request.requestId, (this.#answers.get(request.requestId) ?? 0) + 1);
      await this.#run.answer(request, response);
      return true;
    }
    return false;
  }
}

/** The port that asks; in a sub-workflow, the path of its frame leads there. */
function portOf(drawn: DrawnRun, { frame = TOP, eventName }: WaitingRequest): DrawnPort {
  const graph = nodesOn(frame).reduce<DrawnGraph>((outer, id) => (vertexOf(outer, id) as DrawnNested).graph, drawn);
  return vertexOf(graph, eventName) as DrawnPort;
}

function vertexOf({ vertices }: DrawnGraph, id: string): DrawnVertex | undefined {
  return vertices[Number(id.slice(1))];
}

/** Requests of a run are numbered in the order in which they are opened. */
function numberOf({ requestId }: WaitingRequest): number {
  return Number(/-(\d+)-[0-9a-f]+$/.exec(requestId)?.[1]);
}
