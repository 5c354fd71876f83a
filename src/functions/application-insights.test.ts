import { expect, it } from "vitest";
import { startApplicationInsights } from "./application-insights.ts";

const SET = { APPLICATIONINSIGHTS_CONNECTION_STRING: "InstrumentationKey=00000000-0000-0000-0000-000000000000" };

function parts(load = async (): Promise<unknown> => ({})) {
  const loaded: string[] = [];
  const ends: (() => Promise<void>)[] = [];
  return {
    loaded,
    ends,
    load(name: string) {
      loaded.push(name);
      return load();
    },
    atEnd: (work: () => Promise<void>) => void ends.push(work),
  };
}

it.each([{}, { APPLICATIONINSIGHTS_CONNECTION_STRING: " " }])(
  "loads nothing with the settings %j",
  async (environment) => {
    const given = parts();
    expect(await startApplicationInsights(environment, given)).toBe("off");
    expect([given.loaded, given.ends]).toEqual([[], []]);
  },
);

it("starts the package of an app that has it, and sends what is left when the app ends", async () => {
  const calls: string[] = [];
  const given = parts(async () => ({
    useAzureMonitor: () => void calls.push("started"),
    shutdownAzureMonitor: async () => void calls.push("shut down"),
  }));
  expect(await startApplicationInsights(SET, given)).toBe("started");
  expect([given.loaded, calls]).toEqual([["applicationinsights"], ["started"]]);
  for (const end of given.ends) await end();
  expect(calls).toEqual(["started", "shut down"]);
});

it("goes on in an app that does not have the package", async () => {
  const missing = new Error("Cannot find package 'applicationinsights' imported from /x/dist/functions/app.js");
  const given = parts(() => Promise.reject(Object.assign(missing, { code: "ERR_MODULE_NOT_FOUND" })));
  expect(await startApplicationInsights(SET, given)).toBe("notInstalled");
  expect(given.ends).toEqual([]);
});

it.each([
  Object.assign(new Error("Cannot find package 'other' imported from /x/applicationinsights/index.js"), {
    code: "ERR_MODULE_NOT_FOUND",
  }),
  new Error("The connection string is broken."),
])("throws what is wrong with a package that is there: %s", async (error) => {
  const given = parts(() => Promise.reject(error));
  await expect(startApplicationInsights(SET, given)).rejects.toBe(error);
});
