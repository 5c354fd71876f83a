import { describe, expect, it } from "vitest";
import type { RunStatus } from "../../src/index.ts";
import { gates } from "../http/gates.ts";
import { DAY_MS, RACE_MS } from "./racing-workflows.ts";
import { eventsOf, type RunnerUnderTest, type RunUnderTest, until, untilAsking } from "./runner-under-test.ts";

/** A runner whose clock stands still until the test moves it. */
export interface RacingRunner extends RunnerUnderTest {
  /** Lets time pass; what is due by then is due now. */
  advance(durationMs: number): void;
  /**
   * Does these right after each other, with nothing in between: in process in one turn of the event loop, or as fast as the journal
   * accepts; for an orchestration so that one episode has them all, in this order in its history.
   */
  inOneTurn(run: RunUnderTest, doings: readonly (() => Promise<void> | void)[]): Promise<void>;
  /** Whether an answer that comes in one turn with the deadline, and after it, is accepted and then ignored; else it is refused. */
  readonly ignoresLateAnswers: boolean;
}

const RACES = ["RaceAgainstResponse", "RaceAgainstEscalation", "RaceAgainstFailure"] as const;
type Race = (typeof RACES)[number];

/** An answer and the deadline of a request, both at once. */
export function racesSuite(runner: RacingRunner): void {
  /** A run that asks; nothing else is left to do, or with `isBusy` a call is held until the gate is opened. */
  async function asking(race: Race, { isBusy }: { readonly isBusy: boolean }) {
    const subject = `${runner.name}, ${expect.getState().currentTestName}`;
    const gate = gates.get(subject);
    if (!isBusy) gate.open();
    const run = await runner.start(race, subject);
    const [requestId = ""] = await untilAsking(run, "Racing");
    const held = isBusy ? "running" : "completed";
    await until(run, ({ executors }) => executors.some(({ id, status }) => id === "Held" && status === held));
    const answer = () => answered(run.respond({ requestId }, { by: "a person" }));
    return { run, requestId, gate, answer };
  }

  const timeIsUp = () => runner.advance(RACE_MS);

  monthSuite(runner);

  describe(`an answer and a deadline at once, ${runner.name}`, () => {
    for (const race of RACES) {
      it(`the answer wins that came first: ${race}`, async () => {
        const { run, answer } = await asking(race, { isBusy: false });
        const answers: boolean[] = [];
        await runner.inOneTurn(run, [async () => void answers.push(await answer()), timeIsUp]);
        expect(answers).toEqual([true]);
        await expectAnswered(run);
      });

      it(`the deadline wins that came first, and the answer is refused or ignored: ${race}`, async () => {
        const { run, requestId, answer } = await asking(race, { isBusy: false });
        const answers: boolean[] = [];
        await runner.inOneTurn(run, [timeIsUp, async () => void answers.push(await answer())]);
        await expectTimedOut(race, run);
        const ignored = (await eventsOf(run, "responseIgnored")).map((event) => event.requestId);
        expect(answers).toEqual([runner.ignoresLateAnswers]);
        expect(ignored).toEqual(runner.ignoresLateAnswers ? [requestId] : []);
      });

      it(`the answer wins when both came while a call held the superstep up, also after the deadline: ${race}`, async () => {
        const { run, gate, answer } = await asking(race, { isBusy: true });
        timeIsUp();
        expect(await answer()).toBe(true);
        gate.open();
        await expectAnswered(run);
      });
    }
  });
}

/** Waits for answers of many days: no host waits for them in one piece. */
function monthSuite(runner: RacingRunner): void {
  async function asking() {
    const run = await runner.start("AMonthToAnswer", "a desk");
    await untilAsking(run, "Month");
    return run;
  }

  const passDays = async (days: number) => {
    for (let day = 0; day < days; day++) {
      runner.advance(DAY_MS);
      await settled();
    }
  };

  describe(`a request with 30 days, ${runner.name}`, () => {
    it("may be answered on day 8", async () => {
      const run = await asking();
      const [{ openedAt, deadline } = { openedAt: "", deadline: null }] = (await run.status()).waitingForInput;
      expect(Date.parse(deadline ?? "") - Date.parse(openedAt)).toBe(30 * DAY_MS);
      await passDays(8);
      await run.respond({ eventName: "Month" }, { by: "a person" });
      await expectAnswered(run);
    });

    it("times out on day 30, and not before", async () => {
      const run = await asking();
      await passDays(29);
      expect((await run.status()).waitingForInput).toMatchObject([{ eventName: "Month" }]);
      await passDays(1);
      expect(await run.end()).toMatchObject({ status: "Completed", outputs: ["the clock"], waitingForInput: [] });
      expect(await eventsOf(run, "requestTimedOut")).toMatchObject([{ executorId: "Month", followedBy: "response" }]);
    });
  });
}

/** Until whatever came of the time has been done: the runners do it in turns of this process, and wait for nothing else. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 60; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function expectAnswered(run: RunUnderTest): Promise<void> {
  expect(await run.end()).toMatchObject({ status: "Completed", outputs: ["a person"], waitingForInput: [] });
  expect(await eventsOf(run, "requestAnswered")).toHaveLength(1);
  expect(await eventsOf(run, "requestTimedOut")).toEqual([]);
  expect(await eventsOf(run, "responseIgnored")).toEqual([]);
}

const FOLLOWED_BY = {
  RaceAgainstResponse: "response",
  RaceAgainstEscalation: "escalation",
  RaceAgainstFailure: "failure",
} as const;

const ENDS: Readonly<Record<Race, Partial<RunStatus> | object>> = {
  RaceAgainstResponse: { status: "Completed", outputs: ["the clock"] },
  RaceAgainstEscalation: { status: "Completed", outputs: ["the boss"] },
  RaceAgainstFailure: { status: "Failed", outputs: [], error: { code: "REQUEST_TIMED_OUT" } },
};

async function expectTimedOut(race: Race, run: RunUnderTest): Promise<void> {
  if (race === "RaceAgainstEscalation") {
    await untilAsking(run, "Boss");
    await run.respond({ eventName: "Boss" }, { by: "the boss" });
  }
  expect(await run.end()).toMatchObject({ ...ENDS[race], waitingForInput: [] });
  const timedOut = await eventsOf(run, "requestTimedOut");
  expect(timedOut).toMatchObject([{ executorId: "Racing", followedBy: FOLLOWED_BY[race] }]);
}

/** @returns false when it was refused, since the request was closed by then */
async function answered(respond: Promise<void>): Promise<boolean> {
  try {
    await respond;
    return true;
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code === "REQUEST_CLOSED" || code === "RUN_ENDED") return false;
    throw error;
  }
}
