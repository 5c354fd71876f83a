import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { startLocalHost } from "../../src/host/local-host.ts";

it("answers 202 at once to whoever waits for a run when the host stops", async () => {
  const appDir = fileURLToPath(new URL("./apps/doors", import.meta.url));
  const dataDir = mkdtempSync(join(tmpdir(), "durable-workflows-stop-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const host = await startLocalHost({ appDir, dataDir, port: 0 });
  onTestFinished(() => host.close());
  const base = `${host.url}/api/workflows/Approval`;
  const waiting = fetch(`${base}/run?runId=asks&waitForResponse=true&timeoutSeconds=60`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"amount":7}',
  });
  for (let isAsking = false; !isAsking; ) {
    const status = await fetch(`${base}/status/asks`);
    isAsking = status.ok && ((await status.json()) as { waitingForInput: unknown[] }).waitingForInput.length === 1;
  }
  const stoppedAt = performance.now();
  await host.close();
  expect(performance.now() - stoppedAt).toBeLessThan(2_000);
  const reply = await waiting;
  expect(reply.status).toBe(202);
  expect(await reply.json()).toMatchObject({ runId: "asks", status: "Running" });
});
