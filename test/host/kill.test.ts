import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { appFolder, type HostProcess, startHostProcess } from "./support/host-process.ts";

const RUNS = 10;
const STEPS = 12;
const KILLS = 5;

const folder = mkdtempSync(join(tmpdir(), "host-kill-"));
const callsFile = join(folder, "calls.txt");
let host: HostProcess | null = null;

afterAll(async () => {
  await host?.end("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

async function startAgain(): Promise<string> {
  host = startHostProcess(["--app", appFolder("foreign"), "--data", join(folder, "data"), "--port", "0"], {
    FOREIGN_CALLS_FILE: callsFile,
  });
  return host.ready;
}

function callsOf(name: string, runId: string): number {
  const lines = readFileSync(callsFile, "utf8").split("\n");
  return lines.filter((line) => line.startsWith(`${name} `) && line.endsWith(` ${runId}`)).length;
}

it("finishes every run it has accepted, killed five times in the middle, and repeats only what was in flight", async () => {
  let url = await startAgain();
  const runs = Array.from({ length: RUNS }, (_, index) => `chain-${index}`);
  const body = JSON.stringify({ steps: STEPS, ms: 30 });
  await Promise.all(runs.map((id) => fetch(`${url}/api/start/chain/${id}`, { method: "POST", body })));
  for (let kill = 0; kill < KILLS; kill++) {
    // The first kill comes right after the last 202, before anything else can have been written.
    await new Promise((resolve) => setTimeout(resolve, kill * 37));
    expect(await host?.end("SIGKILL")).toEqual({ code: null, signal: "SIGKILL" });
    url = await startAgain();
  }
  for (const id of runs) {
    const response = await fetch(`${url}/api/wait/${id}`, { method: "POST" });
    expect([id, response.status, await response.json()]).toEqual([id, 200, STEPS]);
    const calls = callsOf("addOne", id) + callsOf("sleep", id);
    expect(calls).toBeGreaterThanOrEqual(2 * STEPS);
    expect(calls).toBeLessThanOrEqual(2 * STEPS + KILLS);
  }
}, 120_000);
