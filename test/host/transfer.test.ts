import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { openSqliteStore } from "../../src/host/store/sqlite.ts";
import { readRunFile } from "../../src/host/transfer/run-file.ts";
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
    const busy = await command("export", "trip", ...onData("from"), "--out", file, "--move");
    expect([busy.code, busy.text]).toEqual([1, expect.stringMatching(/^STORE_IN_USE: .*in use by process \d+ on/)]);
    expect(busy.text).toMatch(
      /\. Stop that host \(.*\), export the run, and start the host again; without --move, a running host gives a copy\.$/,
    );
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

  it("copies a run of a running host, which goes on with it, and imports into none that runs", async () => {
    const host = start("running");
    const url = await host.ready;
    const input = JSON.stringify({ timeoutMs: 3_600_000 });
    await fetch(`${url}/api/start/approval/trip`, { method: "POST", body: input });
    const out = join(folder, "copy.json");
    const copied = await command("export", "trip", ...onData("running"), "--out", out);
    expect(copied).toEqual({
      code: 0,
      text: `Run "trip" is copied to ${out}. The host at ${url} goes on with it: answer only one of the two.`,
    });
    expect([statSync(out).mode & 0o777, readRunFile(readFileSync(out, "utf8")).instances]).toMatchObject([
      0o600,
      [{ instanceId: "trip", status: "Running" }],
    ]);
    const unknown = await command("export", "nobody", ...onData("running"), "--out", `${out}.2`);
    expect(unknown).toEqual({ code: 1, text: 'RUN_NOT_FOUND: There is no run "nobody" in this store. Check its id.' });
    const busy = await command("import", out, ...onData("running"));
    expect(busy.text).toMatch(/^STORE_IN_USE: .* Stop that host \(.*\), import the run, and start the host again\.$/);
    await command("import", out, ...onData("elsewhere"));
    for (const there of [url, await start("elsewhere").ready]) {
      const event = JSON.stringify(["trip", "Approval", { approved: true }]);
      await fetch(`${there}/api/client/raiseEvent`, { method: "POST", body: event });
      expect((await fetch(`${there}/api/wait/trip`, { method: "POST" })).status).toBe(200);
    }
    const address = join(folder, "running", "foreignhub.sqlite.url");
    expect(readFileSync(address, "utf8")).toBe(`${url}\n`);
    await host.end("SIGTERM");
    expect(existsSync(address)).toBe(false);
  }, 120_000);

  it("is not led astray by the address of a host that was killed: whoever owns the store is named", async () => {
    const host = start("killed");
    await host.ready;
    await host.end("SIGKILL");
    const store = await openSqliteStore({ file: join(folder, "killed", "foreignhub.sqlite") });
    const refused = await command("export", "trip", ...onData("killed"), "--out", `${file}.3`);
    expect([refused.code, refused.text]).toEqual([1, expect.stringContaining(`in use by process ${process.pid} on`)]);
    store.close();
  }, 60_000);

  it("says what a command takes", async () => {
    expect(await command("export")).toEqual({
      code: 1,
      text: 'SETTING_INVALID: "export" takes the name of a run, and nothing else. Start with --help to see the commands.',
    });
    const missing = await command("import", join(folder, "missing.json"), ...onData("to"));
    expect(missing.text).toMatch(/^SETTING_INVALID: .*missing\.json cannot be read/);
  });
});
