import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { doorsOf } from "./doors.ts";

const LOCAL = { values: {}, port: null, address: null, cors: null, warnings: [] };
const TOKEN = "0123456789abcdef";

describe("the doors of a host", () => {
  it("are on loopback at port 7071, and ask for no key, unless told otherwise", () => {
    expect(doorsOf({}, LOCAL, {})).toMatchObject({
      port: 7071,
      address: null,
      allowedHosts: [],
      checksKeys: false,
      token: null,
      cors: null,
    });
    expect(doorsOf({ port: 0 }, { ...LOCAL, port: 8080, address: "127.0.0.1" }, {})).toMatchObject({
      port: 0,
      address: "127.0.0.1",
      checksKeys: false,
    });
  });

  it("are not opened to other machines without a key", () => {
    const sentence = "Other machines reach the address 0.0.0.0, and this host would ask nobody for a key.";
    expect(() => doorsOf({ address: "0.0.0.0" }, LOCAL, {})).toThrow(sentence);
    expect(() => doorsOf({}, { ...LOCAL, address: "0.0.0.0" }, {})).toThrow(sentence);
  });

  it("open to other machines with a token, or with keys that the host makes", () => {
    const address = "192.0.2.7";
    const withToken = doorsOf({ address, allowedHosts: ["Box.Example"] }, LOCAL, { DURABLE_HOST_TOKEN: TOKEN });
    expect(withToken).toMatchObject({ checksKeys: true, token: TOKEN });
    expect(withToken.allowedHosts).toEqual([hostname().toLowerCase(), "192.0.2.7", "box.example"]);
    expect(doorsOf({ address, checksKeys: true }, LOCAL, {})).toMatchObject({ checksKeys: true, token: null });
  });
});
