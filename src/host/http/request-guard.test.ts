import { describe, expect, it } from "vitest";
import type { Answer } from "./answer.ts";
import { refusal } from "./request-guard.ts";

const codeOf = (answer: Answer | null): string => JSON.parse(String(answer?.body)).code;

describe("a request", () => {
  it.each(["localhost:7071", "LOCALHOST:7071", "127.0.0.1:7071", "[::1]:7071"])("for %s passes", (host) => {
    expect(refusal({ host }, 7071)).toBeNull();
  });

  it.each(["localhost", "localhost:7072", "evil.example:7071", "127.0.0.1.evil.example:7071", "", undefined])(
    "for %s is refused",
    (host) => {
      const refused = refusal({ ...(host === undefined ? {} : { host }) }, 7071);
      expect([refused?.status, codeOf(refused)]).toEqual([403, "HOST_NOT_ALLOWED"]);
    },
  );

  it("needs no port in its Host header on port 80", () => {
    expect(refusal({ host: "localhost" }, 80)).toBeNull();
  });

  it.each(["http://localhost:7071", "http://[::1]:7071"])("from a page of %s passes", (origin) => {
    expect(refusal({ host: "localhost:7071", origin }, 7071)).toBeNull();
  });

  it.each(["null", "http://localhost:3000", "https://localhost:7071", "http://evil.example"])(
    "from a page of %s is refused",
    (origin) => {
      const refused = refusal({ host: "localhost:7071", origin }, 7071);
      expect([refused?.status, codeOf(refused)]).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
    },
  );
});
