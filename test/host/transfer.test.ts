import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { appFolder, type HostProcess, startHostProcess } from "./support/host-process.ts";

const folder = mkdtempSync(join(tmpdir(), "host-transfer-"));
const hosts: HostProcess[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.end("SIGKILL");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = join(folder, "trip.json");
const onData = (name: string) => ["--app", appFolder("foreign"), "--data", join(folder, name)];

function start(data: string): HostProcess {
  const host = startHostProcess([...onData(data), "--port", "0"]);
  hosts.push(host);
  return host;
}

/** Runs a command to its end. */
async function command(...args: readonly string[]): Promise<{ code: number | null; text: string }> {
  const { ready, ended, output } = startHostProcess(args);
  await ready.catch(() => undefined);
  return { code: (await ended).code, text: output.join("\n") };
}

describe("npx durable-workflows", () => {
  it("moves a waiting run from one data folder to another, where it is answered", async () => {
    const first = start("from");
    const input = JSON.stringify({ timeoutMs: 3_600_000 });
    await fetch(`${await first.ready}/api/start/approval/trip`, { method: "POST", body: input });
    const busy = await command("export", "trip", ...onData("from"), "--out", file);
    expect([busy.code, busy.text]).toEqual([1, expect.stringMatching(/^STORE_IN_USE: .*in use by process \d+ on/)]);
    await first.end("SIGTERM");

    const exported = await command("export", "trip", ...onData("from"), "--out", file, "--move");
    expect(exported).toEqual({ code: 0, text: `Run "trip" is moved to ${file}, with 0 open sub-orchestrations.` });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ format: "durable-workflows/run", version: 1 });
    const gone = await command("export", "trip", ...onData("from"), "--out", `${file}.2`);
    expect([gone.code, gone.text]).toEqual([1, expect.stringMatching(/^RUN_NOT_FOUND: /)]);

    const imported = await command("import", file, ...onData("to"));
    expect([imported.code, imported.text]).toEqual([0, expect.stringMatching(/^Run "trip" is imported, /)]);
    const twice = await command("import", file, ...onData("to"));
    expect([twice.code, twice.text]).toEqual([1, expect.stringMatching(/^RUN_EXISTS: The store has "trip" already\./)]);

    const url = await start("to").ready;
    const event = JSON.stringify(["trip", "Approval", { approved: true }]);
    await fetch(`${url}/api/client/raiseEvent`, { method: "POST", body: event });
    const ended = await fetch(`${url}/api/wait/trip`, { method: "POST" });
    expect([ended.status, await ended.json()]).toEqual([200, { approved: true }]);
  }, 120_000);

  it("says what a command takes", async () => {
    expect(await command("export")).toEqual({
      code: 1,
      text: 'SETTING_INVALID: "export" takes the name of a run, and nothing else. Start with --help to see the commands.',
    });
    const missing = await command("import", join(folder, "missing.json"), ...onData("to"));
    expect(missing.text).toMatch(/^SETTING_INVALID: .*missing\.json cannot be read/);
  });
});
