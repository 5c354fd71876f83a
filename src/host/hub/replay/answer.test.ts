import { expect, it } from "vitest";
import { ACTION, type Action, plainAction, readAnswer } from "./answer.ts";

const returned = (actions: readonly unknown[], more: object = {}) => ({
  ok: true as const,
  returned: { isDone: false, actions: [actions], ...more },
});

/** As the actions are when they have been started. */
function allPlain(action: Action): Action {
  const plain = plainAction(action);
  const { compoundActions } = plain;
  return Array.isArray(compoundActions) ? { ...plain, compoundActions: compoundActions.map(allPlain) } : plain;
}

it("reads an answer that was never made JSON as if it had been", () => {
  const state = {
    isDone: true,
    actions: [
      [
        { actionType: ACTION.callActivity, functionName: "A", input: { deep: [1] } },
        { actionType: ACTION.createTimer, fireAt: new Date(0), isCanceled: false },
        {
          actionType: ACTION.whenAny,
          compoundActions: [
            { actionType: ACTION.createTimer, fireAt: new Date(5), isCanceled: true },
            { actionType: ACTION.waitForExternalEvent, externalEventName: "go", reason: "ExternalEvent" },
          ],
        },
        { actionType: ACTION.callHttp, httpRequest: { method: "GET", uri: new URL("http://a/b") } },
      ],
    ],
    output: { at: new Date(0) },
    customStatus: { toJSON: () => "half way" },
  };
  const asReturned = readAnswer({ ok: true, returned: state });
  const asText = readAnswer({ ok: true, resultJson: JSON.stringify(state) });
  expect({ ...asReturned, actions: asReturned.actions.map(allPlain) }).toEqual(asText);
  expect(asReturned).toMatchObject({ isDone: true, customStatusJson: '"half way"' });
});

it("fails the instance for what cannot be JSON", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  expect(() => readAnswer(returned([], { output: cycle }))).toThrow("circular structure");
  expect(() => plainAction({ actionType: ACTION.callSubOrchestrator, input: 1n })).toThrow("BigInt");
});

it.each([null, undefined, 1, "text", []])("refuses %j, which no orchestrator returns", (value) => {
  expect(() => readAnswer({ ok: true, returned: value })).toThrow("did not answer as an orchestrator does");
});
