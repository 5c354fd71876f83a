import type { IncomingMessage } from "node:http";
import { describe, expect, it, vi } from "vitest";
import { createAccess, type Door, isSameKey } from "./access.ts";

const compared: (readonly [number, number])[] = [];
vi.mock("node:crypto", async (importOriginal) => {
  const crypto = await importOriginal<typeof import("node:crypto")>();
  return {
    ...crypto,
    timingSafeEqual(left: Uint8Array, right: Uint8Array) {
      compared.push([left.byteLength, right.byteLength]);
      return crypto.timingSafeEqual(left, right);
    },
  };
});

const KEYS = {
  master: "the-master-key",
  host: "the-host-key",
  functions: { run: "the-run-key", other: "the-other-key" },
};
const RUN = { kind: "function", name: "Run" } as const;
const ADMIN = { kind: "admin" } as const;
const SYSTEM = { kind: "system", key: "the-system-key" } as const;

function requestOf(key: string | null, remoteAddress = "10.0.0.1"): IncomingMessage {
  const headers = key === null ? {} : { "x-functions-key": key };
  return { headers, socket: { remoteAddress } } as unknown as IncomingMessage;
}

async function statusFor(key: string | null, door: Door, target = "/"): Promise<number | "passes"> {
  const refused = createAccess({ keys: KEYS }).refusal(requestOf(key), target, door);
  return refused === null ? "passes" : (await refused).status;
}

describe("a host that checks keys", () => {
  it.each([
    ["the-run-key", RUN, "passes"],
    ["the-host-key", RUN, "passes"],
    ["the-master-key", RUN, "passes"],
    ["the-other-key", RUN, 401],
    ["the-system-key", RUN, 401],
    ["", RUN, 401],
    [null, RUN, 401],
    ["the-master-key", ADMIN, "passes"],
    ["the-host-key", ADMIN, 401],
    ["the-run-key", ADMIN, 401],
    ["the-system-key", SYSTEM, "passes"],
    ["the-master-key", SYSTEM, "passes"],
    ["the-host-key", SYSTEM, 401],
  ] as const)("answers %s at the door %j as Azure does: %s", async (key, door, status) => {
    expect(await statusFor(key, door)).toBe(status);
  });

  it("takes a key from the query; the header wins", async () => {
    expect(await statusFor(null, RUN, "/api/run?a=1&code=the-run-key")).toBe("passes");
    expect(await statusFor("wrong", RUN, "/api/run?code=the-run-key")).toBe(401);
  });

  it("takes the host's key for a function that has none of its own", async () => {
    expect(await statusFor("the-host-key", { kind: "function", name: "new" })).toBe("passes");
    expect(await statusFor("the-run-key", { kind: "function", name: "new" })).toBe(401);
  });
});

describe("a host that checks no keys", () => {
  it("lets everybody in, except to an extension's own API", async () => {
    const access = createAccess({ keys: null });
    expect(access.refusal(requestOf(null), "/", RUN)).toBeNull();
    expect(access.refusal(requestOf(null), "/", ADMIN)).toBeNull();
    expect((await access.refusal(requestOf(null), "/", SYSTEM))?.status).toBe(401);
    expect(access.refusal(requestOf("the-system-key"), "/", SYSTEM)).toBeNull();
  });
});

describe("wrong keys", () => {
  it("cost a second each after the tenth of one address in a minute", async () => {
    const delays: number[] = [];
    let nowMs = 0;
    const delay = async (timeMs: number) => void delays.push(timeMs);
    const access = createAccess({ keys: KEYS, nowMs: () => nowMs, delay });
    const fail = async (address: string) => access.refusal(requestOf("wrong", address), "/", RUN);
    for (let tries = 0; tries < 10; tries += 1) await fail("10.0.0.1");
    expect(delays).toEqual([]);
    await fail("10.0.0.1");
    await fail("10.0.0.2");
    expect(delays).toEqual([1_000]);
    nowMs = 60_001;
    await fail("10.0.0.1");
    expect(delays).toEqual([1_000]);
  });

  it("are compared as a whole", () => {
    expect([isSameKey("abc", "abc"), isSameKey("abc", "abd"), isSameKey("abc", "ab")]).toEqual([true, false, false]);
  });

  it.each(["the-run-key", "the-host-key", "the-master-key", "x", "the-run-kez", "k".repeat(10_000)])(
    "take as long as right ones, by construction: %s is held against all that would fit, by digests of one length",
    async (key) => {
      compared.length = 0;
      await statusFor(key, RUN);
      expect(compared).toEqual(Array.from({ length: 3 }, () => [32, 32]));
    },
  );
});
