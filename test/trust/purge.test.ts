import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EntityContext, OrchestrationContext, Task } from "durable-functions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqliteStore } from "../../src/host/store/sqlite.ts";
import { df } from "../support/capture-functions.ts";
import { type Harness, openHub } from "../support/hub-harness.ts";
import { quiet } from "../support/manual-environment.ts";

type Flow = Generator<Task, unknown, unknown>;

/** Of every size that a store keeps in another way: in a page with others, in one of its own, in many. */
const SIZES = [10, 300, 2_000, 9_000, 60_000];

df.app.activity("Repeat", { handler: ({ text }: { text: string }) => text });
df.app.entity("Memo", (context: EntityContext<string>) => {
  if (context.df.operationName === "forget") context.df.destructOnExit();
  else context.df.setState(context.df.getInput<string>() ?? "");
});
df.app.orchestration("Memorable", function* (context: OrchestrationContext): Flow {
  const { text } = context.df.getInput() as { text: string };
  const memo = new df.EntityId("Memo", context.df.instanceId);
  context.df.setCustomStatus({ text: text.slice(0, 1_000) });
  yield context.df.callEntity(memo, "keep", text);
  const event = yield context.df.waitForExternalEvent("Word");
  const said = yield context.df.callActivity("Repeat", { text });
  yield context.df.callEntity(memo, "forget");
  return [event, said];
});

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "purge-"));
  file = join(folder, "hub.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true }));

const openOnDisk = async () => openHub({ store: await openSqliteStore({ file }) });

/** Runs so many to their ends; `word` stands in all they hold. */
async function runMany({ hub, run }: Harness, count: number, word: string): Promise<void> {
  const ids = Array.from({ length: count }, (_, index) => `${word}-${index}`);
  const textOf = (index: number): string => `${word} `.repeat((SIZES[index % SIZES.length] ?? 0) / (word.length + 1));
  for (const [index, instanceId] of ids.entries()) {
    await run({ name: "Memorable", instanceId, inputJson: JSON.stringify({ text: textOf(index) }) });
  }
  for (const [index, instanceId] of ids.entries()) {
    await hub.raiseEvent(instanceId, "Word", JSON.stringify(textOf(index)));
  }
  await quiet();
}

const bytesOnDisk = (): number => [file, `${file}-wal`].reduce((sum, one) => sum + sizeOf(one), 0);
const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);
const timesOnDisk = (word: string): number =>
  [file, `${file}-wal`].reduce((sum, one) => sum + (existsSync(one) ? timesIn(one, word) : 0), 0);
const timesIn = (path: string, word: string): number => readFileSync(path, "latin1").split(word).length - 1;

describe("runs that are purged", () => {
  it("leave no more than a tenth of room behind, and no word of what they held, a second later (I15)", async () => {
    const harness = await openOnDisk();
    const { hub, environment } = harness;
    await runMany(harness, 40, "kept");
    await environment.advance(10_000);
    const [base, kept] = [bytesOnDisk(), timesOnDisk("kept")];
    for (let round = 0; round < 3; round += 1) {
      await runMany(harness, 40, "secret");
      expect(timesOnDisk("secret")).toBeGreaterThan(1_000);
      for (let index = 0; index < 40; index += 1) expect(await hub.purge(`secret-${index}`)).toBe(1);
      await environment.advance(10_000);
      expect(timesOnDisk("secret")).toBe(0);
      expect(bytesOnDisk()).toBeLessThanOrEqual(1.1 * base);
    }
    expect(timesOnDisk("kept")).toBeGreaterThanOrEqual(0.9 * kept);
    await hub.close();
  }, 120_000);

  // Freed pages are still there then: only that they were overwritten in the purge itself makes this so.
  it("leave no word in the file of a host that stops before it gives back their room", async () => {
    const { hub, ...rest } = await openOnDisk();
    await runMany({ hub, ...rest }, 40, "secret");
    expect(await hub.purgeBy({})).toBe(40);
    const full = sizeOf(file);
    await hub.close();
    expect(sizeOf(file)).toBeGreaterThanOrEqual(full);
    expect(sizeOf(`${file}-wal`)).toBe(0);
    expect(timesOnDisk("secret")).toBe(0);
  });

  it("are gone a second after the next start, when the host died before that", async () => {
    const first = await openOnDisk();
    await runMany(first, 10, "secret");
    await first.hub.purgeBy({});
    const atItsDeath = file;
    file = join(folder, "next.sqlite");
    for (const end of ["", "-wal"]) copyFileSync(`${atItsDeath}${end}`, `${file}${end}`);
    await first.hub.close();
    const next = await openOnDisk();
    expect(timesOnDisk("secret")).toBeGreaterThan(1_000);
    await next.run({ name: "Memorable", instanceId: "new", inputJson: '{"text":"new"}' });
    await next.environment.advance(10_000);
    expect(timesOnDisk("secret")).toBe(0);
    await next.hub.close();
  });
});
