import { describe, expect, it } from "vitest";
import type { Answer } from "./answer.ts";
import { type GuardOptions, refusal as refusalOf } from "./request-guard.ts";

function refusal(headers: Readonly<Record<string, string>>, options: GuardOptions): Answer | null {
  const distinct = Object.entries(headers).map(([name, value]) => [name, [value]]);
  return refusalOf({ headers, headersDistinct: Object.fromEntries(distinct) }, options);
}

const codeOf = (answer: Answer | null): string => JSON.parse(String(answer?.body)).code;

describe("a request", () => {
  it.each(["localhost:7071", "LOCALHOST:7071", "127.0.0.1:7071", "[::1]:7071"])("for %s passes", (host) => {
    expect(refusal({ host }, { port: 7071 })).toBeNull();
  });

  it.each(["localhost", "localhost:7072", "evil.example:7071", "127.0.0.1.evil.example:7071", "", undefined])(
    "for %s is refused",
    (host) => {
      const refused = refusal({ ...(host === undefined ? {} : { host }) }, { port: 7071 });
      expect([refused?.status, codeOf(refused)]).toEqual([403, "HOST_NOT_ALLOWED"]);
    },
  );

  it("for two hosts at once is refused", () => {
    const headers = { host: "localhost:7071" };
    const refused = refusalOf(
      { headers, headersDistinct: { host: ["localhost:7071", "localhost:7071"] } },
      { port: 7071 },
    );
    expect([refused?.status, codeOf(refused)]).toEqual([403, "HOST_NOT_ALLOWED"]);
  });

  it("needs no port in its Host header on port 80", () => {
    expect(refusal({ host: "localhost" }, { port: 80 })).toBeNull();
  });

  it.each(["http://localhost:7071", "http://[::1]:7071"])("from a page of %s passes", (origin) => {
    expect(refusal({ host: "localhost:7071", origin }, { port: 7071 })).toBeNull();
  });

  it.each(["null", "http://localhost:3000", "https://localhost:7071", "http://evil.example"])(
    "from a page of %s is refused",
    (origin) => {
      const refused = refusal({ host: "localhost:7071", origin }, { port: 7071 });
      expect([refused?.status, codeOf(refused)]).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
    },
  );

  it("may be for a name that was allowed, on any port, from its pages over http or https", () => {
    const options = { port: 7071, allowedHosts: ["box.example", "[fe80::1]"] };
    expect(refusal({ host: "box.example:7071" }, options)).toBeNull();
    expect(refusal({ host: "Box.Example", origin: "https://box.example" }, options)).toBeNull();
    expect(refusal({ host: "[FE80::1]:7071" }, options)).toBeNull();
    expect(codeOf(refusal({ host: "evil.box.example" }, options))).toBe("HOST_NOT_ALLOWED");
    expect(codeOf(refusal({ host: "box.example", origin: "https://evil.example" }, options))).toBe(
      "ORIGIN_NOT_ALLOWED",
    );
  });

  it("may come from a page of an origin that is allowed to read answers", () => {
    const cors = { origins: ["https://app.example"], allowsCredentials: false };
    const from = (origin: string) => refusal({ host: "localhost:7071", origin }, { port: 7071, cors });
    expect(from("https://app.example")).toBeNull();
    expect(codeOf(from("https://app.example.evil"))).toBe("ORIGIN_NOT_ALLOWED");
    expect(
      refusal({ host: "localhost:7071", origin: "null" }, { port: 7071, cors: { ...cors, origins: "*" } }),
    ).toBeNull();
  });
});
