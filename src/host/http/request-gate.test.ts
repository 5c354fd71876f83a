import { describe, expect, it } from "vitest";
import type { Answer } from "./answer.ts";
import { RequestGate } from "./request-gate.ts";

/** Requests that are answered when the test says so. */
function slowRequests(gate: RequestGate) {
  const running: (() => void)[] = [];
  const send = () =>
    gate.pass(
      () =>
        new Promise<Answer>((resolve) => {
          running.push(() => resolve({ status: 200 }));
        }),
    );
  return { running, send };
}
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("the gate of HTTP functions", () => {
  it("lets so many in at once, and the next ones in the order in which they came", async () => {
    const { running, send } = slowRequests(new RequestGate({ maxConcurrent: 2, maxOutstanding: null }));
    const answers = [send(), send(), send(), send()];
    expect(running).toHaveLength(2);
    running[1]?.();
    await turn();
    expect(running).toHaveLength(3);
    running[0]?.();
    running[2]?.();
    await turn();
    running[3]?.();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  it("sends away with 429 what is too much, and takes more when there is room again", async () => {
    const { running, send } = slowRequests(new RequestGate({ maxConcurrent: 1, maxOutstanding: 2 }));
    const answers = [send(), send()];
    expect(await send()).toEqual({ status: 429, headers: { "retry-after": "1" } });
    running[0]?.();
    await turn();
    running[1]?.();
    await Promise.all(answers);
    const again = send();
    running[2]?.();
    expect((await again).status).toBe(200);
  });

  it("goes on after a request that failed", async () => {
    const gate = new RequestGate({ maxConcurrent: 1, maxOutstanding: 1 });
    await expect(gate.pass(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(await gate.pass(async () => ({ status: 200 }))).toEqual({ status: 200 });
  });
});
