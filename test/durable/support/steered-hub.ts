import { vi } from "vitest";
import type { HubEnvironment } from "../../../src/host/hub/environment.ts";
import type { FunctionInvoker, TaskHub } from "../../../src/host/hub/task-hub.ts";
import type { RacingRunner } from "../../conformance/races.suite.ts";
import { createGate, type Gate, until } from "./durable-runs.ts";
import { createSteeredEnvironment } from "./steered-environment.ts";

/** What of a racing runner has to do with the hub under it. */
export type SteeredHub = Pick<RacingRunner, "advance" | "inOneTurn" | "ignoresLateAnswers"> & {
  readonly environment: HubEnvironment;
  /** Puts itself between hub and functions. */
  around(functions: FunctionInvoker): FunctionInvoker;
};

/**
 * A hub on the clock of the process, which stands still, and its episodes, which can be held: what comes while one is held is in the history of the
 * next one, in the order in which it came. The test has to fake `Date`.
 */
export function steeredHub(hub: () => TaskHub): SteeredHub {
  const { nowMs: _, ...steered } = createSteeredEnvironment(0);
  const environment = { ...steered, nowMs: () => Date.now() };
  let gate: Gate | undefined;
  let isHeld = false;
  const advance = (durationMs: number) => {
    vi.setSystemTime(Date.now() + durationMs);
    environment.advance(durationMs);
  };
  return {
    environment,
    advance,
    ignoresLateAnswers: true,
    around: (functions) => ({
      ...functions,
      async invokeOrchestrator(...call) {
        // Kept where it stands, it would pass by this gate in the next episode.
        const { session: _, ...result } = await functions.invokeOrchestrator(...call);
        isHeld = gate !== undefined;
        await gate?.passed;
        return result;
      },
    }),
    async inOneTurn({ runId }, doings) {
      gate = createGate();
      isHeld = false;
      await hub().raiseEvent(runId, "nothing-of-ours", "{}");
      await until(() => isHeld);
      for (const doing of doings) await doing();
      gate.open();
      gate = undefined;
    },
  };
}
