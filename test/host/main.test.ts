import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { appFolder, type HostProcess, startHostProcess } from "./support/host-process.ts";

const folder = mkdtempSync(join(tmpdir(), "host-main-"));
const hosts: HostProcess[] = [];

afterEach(async () => {
  for (const host of hosts.splice(0)) await host.end("SIGKILL");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(app: string, environment: NodeJS.ProcessEnv = {}, port = 0): HostProcess {
  const args = ["--app", appFolder(app), "--data", join(folder, app), "--port", String(port)];
  const host = startHostProcess(args, environment);
  hosts.push(host);
  return host;
}

describe("the host as a process", () => {
  it("prints the functions with their URLs, and the line that others wait for", async () => {
    const { ready, output, child } = start("typescript");
    const url = await ready;
    expect(output.slice(output.indexOf("Functions:"))).toEqual([
      "Functions:",
      "",
      `  crash: [GET] ${url}/api/crash`,
      `  hello: [GET] ${url}/api/hello/{name=world}`,
      `  ownFolder: [GET] ${url}/api/ownFolder`,
      "",
      expect.stringMatching(new RegExp(`^Process ${child.pid} keeps its state in /.*/typescript\\.$`)),
      `Host is ready: ${url}`,
    ]);
  });

  it("runs an app in TypeScript, in its own folder", async () => {
    const url = await start("typescript").ready;
    expect(await (await fetch(`${url}/api/hello`)).json()).toEqual({ hello: "world", hub: "TestHubName" });
    expect(await (await fetch(`${url}/api/ownFolder`)).text()).toBe("typescript-app");
  });

  it("answers what is in flight, refuses what is new, and ends with 0 on SIGTERM", async () => {
    const { ready, child, written, ended } = start("foreign");
    const url = await ready;
    const slow = fetch(`${url}/api/slow?ms=500`);
    await written("slow has begun");
    child.kill("SIGTERM");
    await written("Stopping.");
    const refused = await fetch(`${url}/api/returnsNothing`);
    expect([refused.status, await (await slow).text()]).toEqual([503, "slow"]);
    expect(await refused.json()).toMatchObject({ code: "HOST_UNAVAILABLE", detail: "The host stops." });
    expect(await ended).toEqual({ code: 0, signal: null });
  });

  it("does not wait longer than five seconds, and answers what it cuts off", async () => {
    const { ready, written, end } = start("foreign");
    const slow = fetch(`${await ready}/api/slow?ms=60000`);
    await written("slow has begun");
    const stoppedAt = performance.now();
    expect(await end("SIGINT")).toEqual({ code: 0, signal: null });
    expect(performance.now() - stoppedAt).toBeLessThan(5_000);
    expect((await slow).status).toBe(503);
  });

  it("ends at once on a second signal", async () => {
    const { ready, child, written, ended } = start("foreign");
    const slow = fetch(`${await ready}/api/slow?ms=60000`).catch(() => "cut");
    await written("slow has begun");
    child.kill("SIGINT");
    await written("Stopping.");
    child.kill("SIGINT");
    expect(await ended).toEqual({ code: 130, signal: null });
    expect(await slow).toBe("cut");
  });

  it("says farewell to the app in the order of its hooks, when what was in flight is answered", async () => {
    const { ready, child, written, ended, output } = start("farewell");
    const slow = fetch(`${await ready}/api/slow`);
    await written("slow has begun");
    child.kill("SIGTERM");
    expect(await (await slow).text()).toBe("slow");
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(output.filter((line) => /^(Said|slow|Stopping|The app)/.test(line))).toEqual([
      "Said at the start: start 1,start 2.",
      "slow has begun",
      "Stopping. Press Ctrl-C again to stop at once.",
      "slow has ended",
      "The app says farewell.",
      "Said at the end: start 1,start 2,end 1,end 2.",
    ]);
  });

  it("ends without a hook that hangs, in time and with its store closed", async () => {
    const { ready, ended, child, output } = start("farewell", { FAREWELL: "hangs" });
    await ready;
    const stoppedAt = performance.now();
    child.kill("SIGTERM");
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - stoppedAt).toBeLessThan(5_000);
    expect(output.at(-1)).toMatch(
      /The app's appTerminate hooks were not done after \d+ ms: the host ends without them\.$/,
    );
    expect(existsSync(join(folder, "farewell", "testhubname.sqlite-wal"))).toBe(false);
  });

  it("shows what a hook for the end throws, and ends with 1", async () => {
    const { ready, ended, child, output } = start("farewell", { FAREWELL: "throws" });
    await ready;
    child.kill("SIGTERM");
    expect(await ended).toEqual({ code: 1, signal: null });
    expect(output.join("\n")).toContain("Error: no farewell");
    expect(existsSync(join(folder, "farewell", "testhubname.sqlite-wal"))).toBe(false);
  });

  it("names a busy port, without a stack", async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
    });
    const { ended, output } = start("typescript", {}, port);
    expect(await ended).toEqual({ code: 1, signal: null });
    expect(output).toEqual([
      `PORT_IN_USE: Port ${port} is in use by another process. Stop that process, or start this host with --port and another number (0 takes a free one).`,
    ]);
    server.close();
  });

  it("names a data folder that another host uses", async () => {
    await start("typescript").ready;
    const second = start("typescript");
    expect(await second.ended).toEqual({ code: 1, signal: null });
    expect(second.output.join("\n")).toMatch(/^STORE_IN_USE: /);
  });

  it("shows the error of an app that cannot be loaded, and of a folder without one", async () => {
    const broken = start("broken");
    expect(await broken.ended).toEqual({ code: 1, signal: null });
    expect(broken.output.join("\n")).toContain("Error: broken while it is loaded");
    const missing = start("missing");
    expect(await missing.ended).toEqual({ code: 1, signal: null });
    expect(missing.output.join("\n")).toMatch(/^APP_LOAD_FAILED: There is no folder /);
  });

  it("says why it ends when the app throws outside of a function", async () => {
    const { ready, ended, output } = start("typescript");
    await fetch(`${await ready}/api/crash`).catch(() => undefined);
    expect(await ended).toEqual({ code: 1, signal: null });
    expect(output.join("\n")).toContain("The app threw outside of a function, so the host stops.");
  });
});
