import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { type HostProcess, startHostProcess } from "../support/host-process.ts";

const KILLS = 8;
const THREADS = ["red", "green", "blue"];
const TURNS = 6;

const appDir = fileURLToPath(new URL("./apps/threads/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "durable-workflows-threads-"));
const ledgerFile = join(folder, "ledger.txt");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A question of a thread that was answered, and the host's life in which it was. */
type Answered = Map<string, number>;

it("keeps every conversation through 8 kills while models think, and asks nothing again that was answered", async () => {
  const answered: Answered = new Map();
  for (let generation = 1; generation <= KILLS; generation++) {
    const host = await startGeneration(generation);
    const talking = THREADS.map((thread) => talk(host, thread, generation, answered));
    // While a model thinks, in each life after another number of questions.
    await untilAsked(asked().length + 1 + (generation % 4));
    await host.end("SIGKILL");
    await Promise.all(talking);
  }
  const host = await startGeneration(KILLS + 1);
  await Promise.all(THREADS.map((thread) => talk(host, thread, KILLS + 1, answered)));
  for (const thread of THREADS) {
    const response = await fetch(`${host.url}/api/agents/Counter/threads/${thread}`);
    const { messages } = (await response.json()) as { messages: { content: string }[] };
    const said = messages.map(({ content }) => content);
    expect(said).toEqual(questions(thread).flatMap((question, index) => [question, String(index + 1)]));
  }
  await host.end("SIGTERM");

  const again = asked().filter(({ generation, question }) => generation > (answered.get(question) ?? 0));
  expect(again).toEqual([]);
  const lives = new Set(answered.values());
  expect(lives.size).toBeGreaterThan(2);
}, 120_000);

function startGeneration(generation: number): Promise<HostProcess> {
  return startHostProcess({
    appDir,
    dataDir: join(folder, "data"),
    environment: { LEDGER_FILE: ledgerFile, GENERATION: String(generation) },
  });
}

function questions(thread: string): string[] {
  return Array.from({ length: TURNS }, (_, index) => `${thread}-${index + 1}`);
}

/** Every question a model was asked, and the host's life in which it was. */
function asked(): { readonly generation: number; readonly question: string }[] {
  const text = existsSync(ledgerFile) ? readFileSync(ledgerFile, "utf8").trim() : "";
  const lines = text === "" ? [] : text.split("\n");
  return lines.map((line) => {
    const [generation, question = ""] = line.split(" ");
    return { generation: Number(generation), question };
  });
}

async function untilAsked(times: number): Promise<void> {
  const all = THREADS.length * TURNS;
  while (asked().length < times && new Set(asked().map(({ question }) => question)).size < all) await delay(2);
}

/** Asks what has no answer yet, one after the other, until all is said or the host is gone. The same id is the same turn. */
async function talk(host: HostProcess, thread: string, generation: number, answered: Answered): Promise<void> {
  for (const question of questions(thread)) {
    if (answered.has(question)) continue;
    const response = await fetch(`${host.url}/api/agents/Counter/run?runId=${question}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ message: question, threadId: thread }),
    }).catch(() => undefined);
    if (response?.status !== 200) return;
    answered.set(question, generation);
  }
}
