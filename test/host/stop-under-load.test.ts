import { mkdtempSync, rmSync } from "node:fs";
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

async function start(): Promise<string> {
  host = startHostProcess(["--app", appFolder("foreign"), "--data", join(folder, "data"), "--port", "0"]);
  return host.ready;
}

it("stops within five seconds in the middle of its work, and finishes every run after the next start", async () => {
  let url = await start();
  const runs = Array.from({ length: RUNS }, (_, index) => `chain-${index}`);
  const body = JSON.stringify({ steps: STEPS, ms: 20 });
  await Promise.all(runs.map((id) => fetch(`${url}/api/start/chain/${id}`, { method: "POST", body })));
  const waiting = fetch(`${url}/api/wait/chain-0`, { method: "POST" }).then(({ status }) => status);
  const stoppedAt = performance.now();
  expect(await host?.end("SIGTERM")).toEqual({ code: 0, signal: null });
  expect(performance.now() - stoppedAt).toBeLessThan(5_000);
  // Whoever waited for a run got its end, or was told that it goes on, or that the host stops.
  expect([200, 202, 503]).toContain(await waiting);

  url = await start();
  for (const id of runs) {
    const response = await fetch(`${url}/api/wait/${id}`, { method: "POST" });
    expect([id, response.status, await response.json()]).toEqual([id, 200, STEPS]);
  }
}, 60_000);
