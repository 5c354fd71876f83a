import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { getRun } from "../../src/durable/client.ts";
import { registerDurableFunctions } from "../../src/durable/register.ts";
import { defineCatalog } from "../../src/graph/catalog.ts";
import { codeFor } from "../../src/inprocess/recorded-run.ts";
import { runStart } from "../../src/wire/run-start.ts";
import { allEvents } from "../durable/support/all-events.ts";
import { capturedFunctions, triggerOf } from "../support/capture-functions.ts";
import {
  type GoldenFile,
  type GoldenGeneration,
  goldenFiles,
  instancesFrom,
  readGolden,
  writeGolden,
} from "./golden-file.ts";
import { answerHash, answerOf, recordGolden } from "./record-golden.ts";
import { SCENARIOS } from "./scenarios.ts";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

if (process.env.RECORD_HISTORIES !== undefined) {
  describe(`histories of version ${version}`, () => {
    for (const scenario of SCENARIOS) {
      for (const [name, schema] of [
        ["V3", 2],
        ["V4", 3],
      ] as const) {
        const file = `${version}/${scenario.name}-${name}.json`;
        const isKept = goldenFiles().includes(file) && process.env.RECORD_HISTORIES !== "replace";
        it.skipIf(isKept)(file, async () => {
          writeGolden(file, await recordGolden(scenario, schema));
        });
      }
    }
  });
} else {
  describe("this version makes of a history what the version made that recorded it", () => {
    it.for(goldenFiles())("%s", async (file) => {
      const golden = readGolden(file);
      const { plan } = planIn(golden);
      // As a later build would: it knows the workflow from its recorded plan alone.
      registerDurableFunctions(defineCatalog([]), [plan]);
      for (const generation of golden.generations) await checkGeneration(golden, generation);
      const { calls, events, status } = golden.read;
      const instances = instancesFrom(calls);
      const code = codeFor(plan, undefined);
      expect(await allEvents(instances, code, golden.instanceId)).toEqual(events);
      expect(JSON.parse(JSON.stringify(await getRun(instances, code, golden.instanceId)))).toEqual(status);
    });

    it("for every scenario, in both replay schemas", () => {
      const recorded = goldenFiles().filter((file) => file.startsWith(`${version}/`));
      const expected = SCENARIOS.flatMap(({ name }) => [`${version}/${name}-V3.json`, `${version}/${name}-V4.json`]);
      expect(recorded).toEqual(expected.sort());
    });
  });
}

async function checkGeneration(
  { orchestrator, instanceId }: GoldenFile,
  { trigger, history, episodes, answer }: GoldenGeneration,
): Promise<void> {
  const replay = (length: number) => {
    const sent = triggerOf({ ...trigger, history: history.slice(0, length) });
    return capturedFunctions().invokeOrchestrator(orchestrator, sent, instanceId);
  };
  expect(answerOf(await replay(history.length))).toEqual(answer);
  for (const { length, answerHash: expected } of episodes) {
    expect(answerHash(await replay(length)), `the answer to the first ${length} events`).toBe(expected);
  }
}

/** From the event that began the run. */
function planIn({ generations }: GoldenFile) {
  const input = generations[0]?.history.flatMap((event) => ("Input" in event ? [event.Input] : []))[0];
  return runStart.parse(JSON.parse(String(input)));
}
