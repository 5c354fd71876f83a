import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { appFolder, type HostProcess, startHostProcess } from "./support/host-process.ts";

const RUNS = 20;
const STEPS = 15;

const folder = mkdtempSync(join(tmpdir(), "host-stop-"));
let host: HostProcess | null = null;

afterAll(async () => {
  await host?.end("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

async function start(data: string): Promise<string> {
  const options = ["--app", appFolder("foreign"), "--data", join(folder, data), "--port", "0"];
  host = startHostProcess(options, { FOREIGN_CALLS_FILE: callsFile, FOREIGN_EVERY_SECOND: "yes" });
  return host.ready;
}

const callsFile = join(folder, "calls.txt");
const callCount = () => readFileSync(callsFile, "utf8").split("\n").length - 1;

it("stops within five seconds in the middle of its work, and finishes every run after the next start", async () => {
  let url = await start("data");
  const runs = Array.from({ length: RUNS }, (_, index) => `chain-${index}`);
  const body = JSON.stringify({ steps: STEPS, ms: 20 });
  await Promise.all(runs.map((id) => fetch(`${url}/api/start/chain/${id}`, { method: "POST", body })));
  const waiting = fetch(`${url}/api/wait/chain-0`, { method: "POST" }).then(({ status }) => status);
  const stoppedAt = performance.now();
  expect(await host?.end("SIGTERM")).toEqual({ code: 0, signal: null });
  expect(performance.now() - stoppedAt).toBeLessThan(5_000);
  // Whoever waited for a run got its end, or was told that it goes on, or that the host stops.
  expect([200, 202, 503]).toContain(await waiting);

  url = await start("data");
  for (const id of runs) {
    const response = await fetch(`${url}/api/wait/${id}`, { method: "POST" });
    expect([id, response.status, await response.json()]).toEqual([id, 200, STEPS]);
  }
}, 60_000);

it("begins nothing new while requests in flight are answered: neither steps of runs nor timers", async () => {
  const url = await start("draining");
  const body = JSON.stringify({ steps: 1_000, ms: 20 });
  await fetch(`${url}/api/start/chain/long`, { method: "POST", body });
  const slow = fetch(`${url}/api/slow?ms=1500`);
  await host?.written("slow has begun");
  await host?.written("a second has come");
  host?.child.kill("SIGTERM");
  await host?.written("Stopping.");
  const [calls, seconds] = [callCount(), secondsSeen()];
  expect((await slow).status).toBe(200);
  expect(await host?.ended).toEqual({ code: 0, signal: null });
  // What was scheduled before the signal was read may have begun before its line was.
  expect(callCount() - calls).toBeLessThanOrEqual(1);
  expect(secondsSeen() - seconds).toBe(0);
}, 60_000);

const secondsSeen = () => host?.output.filter((line) => line.includes("a second has come")).length ?? 0;
