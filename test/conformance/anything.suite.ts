import { describe, expect, it } from "vitest";
import type { Thing } from "./anything-workflows.ts";
import { type RunnerUnderTest, runToEnd } from "./runner-under-test.ts";

const MAX_ERROR_BYTES = 32 * 1_024;

/** Whatever user code throws or returns has a clear outcome, and the same one everywhere. */
export function anythingSuite(runner: RunnerUnderTest): void {
  describe(`anything at all, ${runner.name}`, () => {
    it.each<[Thing, object]>([
      ["text", { name: "Error", code: "HANDLER_FAILED", message: "just text" }],
      ["null", { code: "HANDLER_FAILED", message: "The executor threw null, which is no error." }],
      ["undefined", { code: "HANDLER_FAILED", message: "The executor threw undefined, which is no error." }],
      ["bigint", { message: "The executor threw 100000000000000000000, which is no error." }],
      ["symbol", { message: "The executor threw Symbol(sign), which is no error." }],
      ["function", { name: "callMe", message: "The executor threw function callMe() {}, which is no error." }],
      ["list", { message: 'The executor threw [1,"two"], which is no error.' }],
      ["cyclic", { name: "loop", message: "The executor threw an object that cannot be read, which is no error." }],
      ["date", { message: 'The executor threw "1970-01-01T00:00:00.000Z", which is no error.' }],
      ["map", { message: "The executor threw {}, which is no error." }],
      ["getter", { message: "The executor threw an object that cannot be read, which is no error." }],
      ["proxy", { message: "The executor threw an object that cannot be read, which is no error." }],
      ["revoked", { message: "The executor threw an object that cannot be read, which is no error." }],
      ["thenable", { message: "The executor threw {}, which is no error." }],
      ["huge", { message: `${"x".repeat(7_999)}…` }],
      ["hugeError", { name: "Error", message: `${"x".repeat(7_999)}…` }],
      ["cyclicError", { message: "Round and round.", causes: [] }],
      ["wideError", { message: "Wide.", issues: Array(50).fill({ pointer: "/a", message: "No." }) }],
      ["typeError", { name: "TypeError", code: "HANDLER_FAILED", message: "Wrong type." }],
      ["aggregate", { name: "AggregateError", message: "Both." }],
      ["frozen", { name: "Error", message: "Cold." }],
      ["namelessError", { name: "Error", code: "HANDLER_FAILED", message: "Who?" }],
    ])("may be thrown, and becomes error data of at most 32 KB: %s", async (thing, expected) => {
      const { status } = await runToEnd(runner, "ThrowsAnything", thing);
      expect(status).toMatchObject({ status: "Failed", error: { executorId: "ThrowsIt", ...expected } });
      expect(Buffer.byteLength(JSON.stringify(status.error))).toBeLessThanOrEqual(MAX_ERROR_BYTES);
    });

    it.each<[Thing, unknown[]]>([
      ["text", ["just text"]],
      ["null", [null]],
      ["number", [7]],
      ["list", [[1, "two"]]],
      ["undefined", []],
      ["thenable", ["later"]],
    ])("may be returned where JSON leaves it as it is: %s", async (thing, outputs) => {
      const { status } = await runToEnd(runner, "ReturnsAnything", thing);
      expect(status).toMatchObject({ status: "Completed", outputs });
    });

    it.each<[Thing, string, RegExp]>([
      ["nan", "VALUE_NOT_JSON", /it is NaN/],
      ["bigint", "VALUE_NOT_JSON", /it is a bigint/],
      ["symbol", "VALUE_NOT_JSON", /it is a symbol/],
      ["function", "VALUE_NOT_JSON", /it is a function/],
      ["cyclic", "VALUE_NOT_JSON", /"\/self" is a cycle/],
      ["deep", "VALUE_NOT_JSON", /more than 64 levels deep/],
      ["date", "VALUE_NOT_JSON", /an instance of Date/],
      ["invalidDate", "VALUE_NOT_JSON", /an instance of Date/],
      ["map", "VALUE_NOT_JSON", /an instance of Map/],
      ["set", "VALUE_NOT_JSON", /an instance of Set/],
      ["bytes", "VALUE_NOT_JSON", /an instance of Uint8Array/],
      ["instance", "VALUE_NOT_JSON", /an instance of Money/],
      ["getter", "VALUE_NOT_JSON", /something that cannot be read \(Not for you\.\)/],
      ["sparse", "VALUE_NOT_JSON", /"\/1" is undefined/],
      ["proxy", "HANDLER_FAILED", /^Not for you\.$/],
      ["revoked", "HANDLER_FAILED", /proxy that has been revoked/],
      ["rejecting", "HANDLER_FAILED", /^Never\.$/],
      ["huge", "OUTCOME_TOO_LARGE", /produced 52428866 characters.*Its limit is 524288/],
    ])(
      "may be returned, and fails the call where JSON would change it or it is too large: %s",
      async (thing, code, said) => {
        const { status } = await runToEnd(runner, "ReturnsAnything", thing);
        expect(status).toMatchObject({
          status: "Failed",
          error: { code, executorId: "ReturnsIt", retryable: code === "HANDLER_FAILED" },
        });
        expect(status.error?.message).toMatch(said);
      },
    );
  });

  describe(`how much one call may produce, ${runner.name}`, () => {
    it.each([
      ["return", 934, 935],
      ["send", 864, 865],
      ["yield", 864, 865],
      ["emit", 860, 861],
    ])("is limited, whichever way it goes: %s", async (how, fits, isTooMuch) => {
      expect((await runToEnd(runner, "TalksMuch", { how, chars: fits })).status.status).toBe("Completed");
      const { status } = await runToEnd(runner, "TalksMuch", { how, chars: isTooMuch });
      expect(status).toMatchObject({ status: "Failed", error: { code: "OUTCOME_TOO_LARGE", executorId: "Talks" } });
    });
  });
}
