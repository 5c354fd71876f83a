import { describe, expect, it } from "vitest";
import { z } from "zod";
import { WorkflowBuilder } from "../graph/builder.ts";
import { defineExecutor } from "../graph/executor.ts";
import { listRuns } from "./run-list.ts";
import type { Instance, InstanceFilter, Instances } from "./sdk.ts";

const NOW_MS = Date.parse("2026-11-23T12:00:00.567Z");
const only = defineExecutor({ id: "Only", input: z.string(), output: z.string(), handle: (text) => text });
const workflow = new WorkflowBuilder("Listed", only).build();

type Row = readonly [instanceId: string, createdTime: string, status?: Instance["runtimeStatus"], more?: object];

/** A backend that lists by id, two a page, as Azure Storage does. */
function backend(...rows: Row[]) {
  const all = rows
    .map(([instanceId, createdTime, runtimeStatus = "Running", more]): Instance => {
      const times = { createdTime, lastUpdatedTime: createdTime };
      const none = { input: null, customStatus: null, output: null };
      return { name: "dafx-listed", instanceId, runtimeStatus, ...times, ...none, ...more };
    })
    .sort((a, b) => (a.instanceId < b.instanceId ? -1 : 1));
  const asked: InstanceFilter[] = [];
  const list: Instances["list"] = async (filter, next = "0") => {
    asked.push(filter);
    const { createdFromMs = Number.NEGATIVE_INFINITY, createdToMs = Number.POSITIVE_INFINITY } = filter;
    const fitting = all.filter(({ createdTime, runtimeStatus }) => {
      const createdMs = Date.parse(createdTime);
      const isWithin = createdMs >= createdFromMs && createdMs <= createdToMs;
      return isWithin && (filter.runtimeStatus?.includes(runtimeStatus) ?? true);
    });
    const end = Number(next) + 2;
    return { instances: fitting.slice(Number(next), end), next: end < fitting.length ? String(end) : undefined };
  };
  return { asked, instances: { list } as Instances };
}

const idsOf = ({ runs }: { runs: readonly { runId: string }[] }) => runs.map(({ runId }) => runId);

describe("the list of runs", () => {
  it("is newest first, also where the backend lists by id, from the last minutes to years ago", async () => {
    const { instances } = backend(
      ["a", "2020-01-01T00:00:00Z"],
      ["b", "2026-11-23T11:59:59Z"],
      ["c", "2026-11-23T11:50:00Z"],
      ["d", "2026-11-23T10:00:00Z"],
      ["e", "2026-11-20T00:00:00Z"],
      ["f", "2026-11-23T11:59:58Z"],
    );
    expect(idsOf(await listRuns(instances, workflow, { limit: 10 }, NOW_MS))).toEqual(["b", "f", "c", "d", "e", "a"]);
  });

  it("goes on from page to page without gap and without repeating, also within one second", async () => {
    const { instances } = backend(
      ["a", "2026-11-23T11:59:00Z"],
      ["b", "2026-11-23T11:59:00Z"],
      ["c", "2026-11-23T11:59:00Z"],
      ["d", "2026-11-23T11:58:00Z"],
      ["e", "2026-11-01T00:00:00Z"],
    );
    const first = await listRuns(instances, workflow, { limit: 2 }, NOW_MS);
    const second = await listRuns(instances, workflow, { limit: 2, cursor: first.nextCursor ?? "" }, NOW_MS);
    const third = await listRuns(instances, workflow, { limit: 2, cursor: second.nextCursor ?? "" }, NOW_MS);
    expect([first, second, third].map(idsOf)).toEqual([["a", "b"], ["c", "d"], ["e"]]);
    expect(third.nextCursor).toBeNull();
  });

  it("repeats a second rather than to lose runs when the last run of a page was deleted", async () => {
    const before = backend(["a", "2026-11-23T11:59:00Z"], ["b", "2026-11-23T11:59:00Z"], ["c", "2026-11-23T11:59:00Z"]);
    const { nextCursor } = await listRuns(before.instances, workflow, { limit: 2 }, NOW_MS);
    const after = backend(["a", "2026-11-23T11:59:00Z"], ["c", "2026-11-23T11:59:00Z"]);
    const page = await listRuns(after.instances, workflow, { limit: 2, cursor: nextCursor ?? "" }, NOW_MS);
    expect(idsOf(page)).toEqual(["a", "c"]);
  });

  it("is oldest first when asked, from years ago to the last minutes, page by page", async () => {
    const { instances } = backend(
      ["a", "2026-11-23T11:59:59Z"],
      ["b", "2020-01-01T00:00:00Z"],
      ["c", "2026-11-23T11:00:00Z"],
      ["d", "2026-11-20T00:00:00Z"],
      ["e", "2026-11-23T11:59:58Z"],
    );
    const first = await listRuns(instances, workflow, { order: "oldest", limit: 2 }, NOW_MS);
    const cursor = first.nextCursor ?? "";
    const second = await listRuns(instances, workflow, { order: "oldest", limit: 9, cursor }, NOW_MS);
    expect([first, second].map(idsOf)).toEqual([
      ["b", "d"],
      ["c", "e", "a"],
    ]);
    expect(second.nextCursor).toBeNull();
  });

  it("from the oldest on misses no run that goes on as new between two pages", async () => {
    const before = backend(
      ["a", "2026-11-23T11:40:00Z"],
      ["b", "2026-11-23T11:50:00Z"],
      ["c", "2026-11-23T11:58:00Z"],
      ["d", "2026-11-23T11:59:00Z"],
    );
    const first = await listRuns(before.instances, workflow, { order: "oldest", limit: 2 }, NOW_MS);
    // The run that the page ended with has moved, and so has one that was to follow.
    const after = backend(
      ["a", "2026-11-23T11:40:00Z"],
      ["b", "2026-11-23T12:00:01Z"],
      ["c", "2026-11-23T12:00:02Z"],
      ["d", "2026-11-23T11:59:00Z"],
    );
    const cursor = first.nextCursor ?? "";
    const second = await listRuns(after.instances, workflow, { order: "oldest", limit: 2, cursor }, NOW_MS + 5_000);
    const third = await listRuns(
      after.instances,
      workflow,
      { order: "oldest", limit: 2, cursor: second.nextCursor ?? "" },
      NOW_MS + 5_000,
    );
    expect([first, second, third].map(idsOf)).toEqual([["a", "b"], ["d", "b"], ["c"]]);
  });

  it("from the oldest on shows a second again that was not over when a page ended in it", async () => {
    const { instances } = backend(
      ["a", "2026-11-23T11:59:59Z"],
      ["b", "2026-11-23T12:00:00Z"],
      ["d", "2026-11-23T12:00:00Z"],
    );
    const first = await listRuns(instances, workflow, { order: "oldest", limit: 2 }, NOW_MS);
    // It has come into the second meanwhile, at a place before the end of the page.
    const later = backend(["aa", "2026-11-23T12:00:00Z"], ["b", "2026-11-23T12:00:00Z"], ["d", "2026-11-23T12:00:00Z"]);
    const query = { order: "oldest", limit: 3, cursor: first.nextCursor ?? "" } as const;
    expect(idsOf(first)).toEqual(["a", "b"]);
    expect(idsOf(await listRuns(later.instances, workflow, query, NOW_MS + 3_000))).toEqual(["aa", "b", "d"]);
  });

  it("does not read what is older than the page", async () => {
    const { instances, asked } = backend(["a", "2026-11-23T11:59:00Z"], ["b", "2026-11-23T11:58:00Z"]);
    await listRuns(instances, workflow, { limit: 1 }, NOW_MS);
    expect(asked).toEqual([{ createdFromMs: Date.parse("2026-11-23T11:50:00Z") }]);
  });

  it("tells a cancelled run from a completed one", async () => {
    const result = (status: string) => ({ output: { format: 1, status, outputs: [] } });
    const { instances } = backend(
      ["done", "2026-11-23T11:59:00Z", "Completed", result("completed")],
      ["stopped", "2026-11-23T11:58:00Z", "Completed", result("cancelled")],
      ["open", "2026-11-23T11:57:00Z"],
    );
    const list = (...statuses: ("Completed" | "Cancelled" | "Running")[]) =>
      listRuns(instances, workflow, { statuses, limit: 10 }, NOW_MS).then(idsOf);
    expect(await list("Completed")).toEqual(["done"]);
    expect(await list("Cancelled")).toEqual(["stopped"]);
    expect(await list("Cancelled", "Running")).toEqual(["stopped", "open"]);
  });

  it("shows no runs of other workflows", async () => {
    const { instances } = backend(["other", "2026-11-23T11:59:00Z", "Running", { name: "dafx-Other" }]);
    expect(await listRuns(instances, workflow, { limit: 10 }, NOW_MS)).toEqual({ runs: [], nextCursor: null });
  });
});
