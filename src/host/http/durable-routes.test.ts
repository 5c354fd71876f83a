import type { IncomingMessage } from "node:http";
import { beforeEach, expect, it, vi } from "vitest";
import { createRpcRoutes } from "./durable-routes.ts";

const compared: string[] = [];
vi.mock("node:crypto", async (importOriginal) => {
  const crypto = await importOriginal<typeof import("node:crypto")>();
  return {
    ...crypto,
    timingSafeEqual(left: Uint8Array, right: Uint8Array) {
      compared.push(`${left.byteLength} and ${right.byteLength} bytes`);
      return crypto.timingSafeEqual(left, right);
    },
  };
});
beforeEach(() => {
  compared.length = 0;
});

const routes = createRpcRoutes("/0123456789abcdef/durabletask/", {
  api: async ({ segments }) => ({ status: 299, body: segments.join(" ") }),
  bodyLimitBytes: 1,
  write: () => {},
});
const ask = async (path: string) => routes({ headers: {} } as IncomingMessage, path, path);

it("the app's own client is let in by its secret path", async () => {
  expect(await ask("/0123456789abcdef/durabletask/instances/a%20b")).toEqual({ status: 299, body: "instances a b" });
});

it.each([
  "/0123456789abcdeX/durabletask/instances/a",
  "/Xxxxxxxxxxxxxxxx/durabletask/",
  "/012/456789abcdef/durabletask/",
])("a path of its form is compared as a whole, by digests: %s", async (path) => {
  expect(await ask(path)).toBeNull();
  expect(compared).toEqual(["32 and 32 bytes"]);
});

it.each(["/api/run", "/", "/0123456789abcdef/durabletasX/instances", "/0123456789abcde/durabletask/instances"])(
  "a path of another form is not compared at all: %s",
  async (path) => {
    expect(await ask(path)).toBeNull();
    expect(compared).toEqual([]);
  },
);
