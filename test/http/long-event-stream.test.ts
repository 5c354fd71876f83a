import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { createHttpRunner } from "../../src/client/index.ts";
import type { Run, RunEvent, Workflow } from "../../src/index.ts";
import { catalog } from "../conformance/workflows.ts";
import { until } from "../durable/support/durable-runs.ts";
import { startHostProcess } from "../host/support/host-process.ts";

/** More than two generations of 100 supersteps: so many events are in archives, and the rest in the history. */
const STEPS = 250;
const PATH = "api/workflows/BusyBesidePerson/events/long";

/** A reader of server-sent events as a browser is one: it comes back with the id it has seen last. */
class Reader {
  readonly events: RunEvent[] = [];
  lastId: string | undefined;

  /** @returns false when there is nothing to come any more */
  async read(url: string, { waitSeconds }: { readonly waitSeconds: number }): Promise<boolean> {
    const headers = {
      accept: "text/event-stream",
      ...(this.lastId !== undefined && { "last-event-id": this.lastId }),
    };
    const reply = await fetch(`${url}/${PATH}?waitSeconds=${waitSeconds}`, { headers });
    for (const block of (await reply.text()).split("\n\n")) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
      const data = field("data");
      if (data === undefined) continue;
      this.lastId = field("id");
      this.events.push(JSON.parse(data) as RunEvent);
    }
    return reply.status !== 204;
  }
}

it("reads on in archives and history after the host was killed, from the id it has seen last", {
  timeout: 120_000,
}, async () => {
  const data = mkdtempSync(join(tmpdir(), "long-event-stream-"));
  const app = fileURLToPath(new URL("./apps/conformance", import.meta.url));
  const startHost = () => startHostProcess(["--app", app, "--data", data, "--port", "0"]);
  const workflow = catalog.get("BusyBesidePerson") as unknown as Workflow<unknown, unknown, string, never>;

  const first = startHost();
  onTestFinished(async () => {
    await first.end("SIGKILL");
    rmSync(data, { recursive: true, force: true });
  });
  const firstUrl = await first.ready;
  const runBefore: Run<unknown, never> = await createHttpRunner({ url: firstUrl }).start(workflow, STEPS, {
    runId: "long",
  });
  await until(async () => (await runBefore.status()).outputs.length === 1);
  const reader = new Reader();
  await reader.read(firstUrl, { waitSeconds: 0 });
  await first.end("SIGKILL");

  const second = startHost();
  onTestFinished(async () => void (await second.end("SIGKILL")));
  const url = await second.ready;
  // What two generations have left in the archive; the rest of the run is in its history.
  expect(reader.events.at(-1)?.superstep).toBe(200);
  while (reader.events.filter(({ type }) => type === "runOutput").length === 0) {
    await reader.read(url, { waitSeconds: 5 });
  }
  const run: Run<unknown, never> = createHttpRunner({ url }).open(workflow, "long");
  await run.respond("Manager" as never, { approved: true } as never);
  while (await reader.read(url, { waitSeconds: 5 }));

  const { events } = reader;
  expect(events.map(({ number }) => number)).toEqual(events.map((_event, place) => place + 1));
  expect(
    events.filter(
      ({ type, ...event }) => type === "executorCompleted" && "executorId" in event && event.executorId === "CountDown",
    ),
  ).toHaveLength(STEPS);
  expect([events[0]?.type, events.at(-1)?.type]).toEqual(["runStarted", "runCompleted"]);

  // From the middle of what the host before has archived.
  const late = new Reader();
  late.lastId = "10";
  await late.read(url, { waitSeconds: 0 });
  expect(late.events.slice(0, 20)).toEqual(events.slice(10, 30));
});
