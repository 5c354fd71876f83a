import type { OrchestrationContext, Task } from "durable-functions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { df } from "../../../test/support/capture-functions.ts";
import { type Harness, openHub } from "../../../test/support/hub-harness.ts";
import { quiet } from "../../../test/support/manual-environment.ts";

type Flow = Generator<Task, unknown, unknown>;

df.app.orchestration("Child", function* (context: OrchestrationContext): Flow {
  return yield context.df.waitForExternalEvent("Go");
});
df.app.orchestration("Parent", function* (context: OrchestrationContext): Flow {
  return yield context.df.callSubOrchestrator("Child", {}, "child");
});

let harness: Harness;
const statusOf = async (id: string) => (await harness.view(id)).runtimeStatus;

beforeEach(async () => {
  harness = await openHub();
  await harness.run({ name: "Parent", instanceId: "parent" });
});
afterEach(() => harness.hub.close());

describe("a sub-orchestration", () => {
  it("goes on when its parent is terminated, and its end reaches nobody", async () => {
    await harness.hub.terminate("parent", "enough");
    await quiet();
    expect([await statusOf("parent"), await statusOf("child")]).toEqual(["Terminated", "Running"]);
    await harness.hub.raiseEvent("child", "Go", "1");
    await quiet();
    expect([await statusOf("parent"), await statusOf("child")]).toEqual(["Terminated", "Completed"]);
    expect(await harness.history("parent")).toBe("12 0 7#0 13 12 3 1#1 13");
  });

  it("is suspended and resumed by itself; its parent waits", async () => {
    await harness.hub.suspend("child", "later");
    await harness.hub.raiseEvent("child", "Go", '"now"');
    await quiet();
    expect([await statusOf("parent"), await statusOf("child")]).toEqual(["Running", "Suspended"]);
    await harness.hub.resume("child", "now");
    await quiet();
    expect(await harness.view("parent")).toMatchObject({ runtimeStatus: "Completed", output: '"now"' });
  });

  it("goes on while its parent is suspended, which takes its end in when it is resumed", async () => {
    await harness.hub.suspend("parent", "later");
    await harness.hub.raiseEvent("child", "Go", '"now"');
    await quiet();
    expect([await statusOf("parent"), await statusOf("child")]).toEqual(["Suspended", "Completed"]);
    await harness.hub.resume("parent", "now");
    await quiet();
    expect(await harness.view("parent")).toMatchObject({ runtimeStatus: "Completed", output: '"now"' });
  });

  it("cannot be purged while it is going on, and leaves its parent alone when it is purged after that", async () => {
    expect(await harness.hub.purge("child")).toBe(0);
    await harness.hub.raiseEvent("child", "Go", "1");
    await quiet();
    expect(await harness.hub.purge("child")).toBe(1);
    expect([await harness.hub.get("child"), await statusOf("parent")]).toEqual([null, "Completed"]);
  });
});
