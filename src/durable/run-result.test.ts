import { expect, it } from "vitest";
import type { RunResult } from "../wire/status.ts";
import { failureText, parseFailureText } from "./run-result.ts";

const failed: RunResult = {
  format: 1,
  status: "failed",
  outputs: ['"first"'],
  error: {
    name: "Error",
    code: "ORDER_NOT_FOUND",
    message: 'There is no order "7".\nLook it up.',
    retryable: false,
    executorId: "OrderLookup",
    causes: [],
    issues: [],
  },
};

it("puts a sentence for people in front of the result", () => {
  expect(failureText(failed)).toMatch(
    /^Executor "OrderLookup" failed: There is no order "7".\nLook it up. \(ORDER_NOT_FOUND\) /,
  );
});

it("is found again behind the host's own words", () => {
  expect(parseFailureText(`Orchestrator function 'dafx-CancelOrder' failed: ${failureText(failed)}`)).toEqual(failed);
  expect(parseFailureText(`${failureText(failed)}\r\n   at Some.Host.Frame()`)).toEqual(failed);
});

it("is not confused by a message that holds the marker", () => {
  const error = { ...failed.error, message: '$RunResult$:{"format":1}' } as RunResult["error"];
  const sly: RunResult = { format: 1, status: "failed", outputs: ['"$RunResult$:"'], ...(error && { error }) };
  expect(parseFailureText(failureText(sly))).toEqual(sly);
});

it("is not there in the text of a failure that is not ours, or was cut off", () => {
  expect(parseFailureText("Orchestrator function 'x' failed: Non-Deterministic workflow detected")).toBeUndefined();
  expect(parseFailureText('$RunResult$:{"format":2}')).toBeUndefined();
  expect(parseFailureText(failureText(failed).slice(0, -5))).toBeUndefined();
});
