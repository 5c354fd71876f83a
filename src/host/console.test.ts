import { describe, expect, it } from "vitest";
import { bannerLines } from "./console.ts";

describe("the banner of the host", () => {
  it("lists functions with URLs first, then triggers, and ends with the line that others wait for", () => {
    const base = { methods: [], path: null, isDisabled: false };
    const functions = [
      { ...base, name: "addOne", triggerType: "activityTrigger" },
      { ...base, name: "any", triggerType: "httpTrigger", path: "api/any" },
      { ...base, name: "off", triggerType: "httpTrigger", isDisabled: true },
      { ...base, name: "run", triggerType: "httpTrigger", methods: ["GET", "POST"], path: "api/run/{id?}" },
    ];
    const host = { functions, url: "http://localhost:7071", checksKeys: false };
    expect(bannerLines(host, "/state")).toEqual([
      "",
      "Functions:",
      "",
      "  any: [ANY] http://localhost:7071/api/any",
      "  off: disabled",
      "  run: [GET,POST] http://localhost:7071/api/run/{id?}",
      "  addOne: activityTrigger",
      "",
      `Process ${process.pid} keeps its state in /state.`,
      "Host is ready: http://localhost:7071",
    ]);
    const guarded = bannerLines({ ...host, checksKeys: true }, "/state");
    expect(guarded.at(-2)).toBe("Callers are asked for keys. /state/keys.json holds them.");
  });
});
