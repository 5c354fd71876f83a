// How long from starting the host's process to its first finished run (W6)?
import { SAMPLES, startBenchHost } from "./support/local-host.ts";
import { report } from "./support/report.ts";

const milliseconds: number[] = [];
for (let sample = 0; sample < SAMPLES; sample++) {
  const startedAt = performance.now();
  const host = await startBenchHost();
  await host.post("/api/workflows/Chain/run?waitForResponse=true&timeoutSeconds=60", 1);
  milliseconds.push(performance.now() - startedAt);
  await host.stop();
}
report("cold start", "W6 process start to first finished run", "ms", milliseconds);
