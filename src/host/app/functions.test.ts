import { describe, expect, it } from "vitest";
import type { Binding } from "./core-types.ts";
import { describeFunction, warningsFor } from "./functions.ts";

function described(bindings: Record<string, Binding>, environment: Record<string, string> = {}) {
  const fn = describeFunction({ metadata: { name: "run", bindings }, callback: () => undefined }, environment);
  if (!fn) throw new Error("The registration has no trigger.");
  return fn;
}

describe("a registered function", () => {
  it("is known by its trigger, whatever the binding is called", () => {
    const fn = described({
      client: { type: "durableClient", direction: "in" },
      httpTrigger954bdd34d5: { type: "httpTrigger", direction: "in", route: "run" },
      $return: { type: "http", direction: "out" },
    });
    expect(fn).toMatchObject({
      kind: "http",
      triggerName: "httpTrigger954bdd34d5",
      clientNames: ["client"],
      unsupportedBindings: [],
      isDisabled: false,
    });
    expect(warningsFor(fn)).toEqual([]);
  });

  it.each([
    ["orchestrationTrigger", "orchestration"],
    ["activityTrigger", "activity"],
    ["EntityTrigger", "entity"],
    ["timerTrigger", "timer"],
    ["serviceBusTrigger", "other"],
  ])("with a %s is of the kind %s", (type, kind) => {
    expect(described({ trigger: { type } }).kind).toBe(kind);
  });

  it("without a trigger is none", () => {
    expect(describeFunction({ metadata: { name: "x", bindings: {} }, callback: () => undefined }, {})).toBeNull();
  });

  it("is disabled by its setting", () => {
    expect(described({ trigger: { type: "httpTrigger" } }, { "AzureWebJobs.run.Disabled": "True" }).isDisabled).toBe(
      true,
    );
  });

  it("says what this host does not do for it", () => {
    const bindings = { trigger: { type: "blobTrigger" }, out: { type: "queue", direction: "out" } };
    expect(warningsFor(described(bindings))).toEqual([
      'Function "run" has a binding of type "queue", which this host leaves empty.',
      'Function "run" has a blobTrigger, which this host never fires.',
    ]);
    expect(warningsFor(described({ trigger: { type: "entityTrigger" } }))).toEqual([]);
  });
});
