import { describe, expect, it } from "vitest";
import { parseCommandLine } from "./options.ts";

describe("the command line", () => {
  it("means this folder, its .data and the usual port when it is empty", () => {
    expect(parseCommandLine([], "/srv/app")).toEqual({
      appDir: "/srv/app",
      dataDir: "/srv/app/.data",
      port: null,
      address: null,
      allowedHosts: [],
      token: null,
      checksKeys: false,
      isHelp: false,
    });
  });

  it("names port, data folder and app", () => {
    expect(parseCommandLine(["--port", "0", "--data", "state", "--app", "../other"], "/srv/app")).toEqual({
      appDir: "/srv/other",
      dataDir: "/srv/app/state",
      port: 0,
      address: null,
      allowedHosts: [],
      token: null,
      checksKeys: false,
      isHelp: false,
    });
  });

  it("names the address, the names and the keys of a host that others reach", () => {
    const flags = ["--address", "0.0.0.0", "--allow-host", "a.example", "--allow-host", "b.example", "--enable-auth"];
    expect(parseCommandLine([...flags, "--token", "0123456789abcdef"], "/srv/app")).toMatchObject({
      address: "0.0.0.0",
      allowedHosts: ["a.example", "b.example"],
      token: "0123456789abcdef",
      checksKeys: true,
    });
  });

  it.each([
    [["--port", "65536"], '--port is "65536". Give a whole number from 0 to 65535.'],
    [["--port", "x"], '--port is "x".'],
    [["--speed"], "Unknown option '--speed'. Start with --help"],
    [["extra"], "does not take positional arguments. Start with --help"],
  ])("%j is refused", (args, sentence) => {
    expect(() => parseCommandLine(args, "/srv/app")).toThrow(sentence);
  });
});
