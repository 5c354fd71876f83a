import { describe, expect, it } from "vitest";
import { createScriptedClient, defineAgent } from "../../src/agents/index.ts";
import { purgeEndedRuns } from "../../src/durable/retention.ts";
import type { Instances } from "../../src/durable/sdk.ts";
import { deleteThread, expireThreads, freeLostTurn, readThread } from "../../src/durable/threads/kept-threads.ts";
import { registerThreads } from "../../src/durable/threads/register-agents.ts";
import { listTurns, readTurn, startTurn } from "../../src/durable/threads/turns.ts";
import type { WorkflowNode } from "../../src/graph/runtime.ts";
import type { FunctionInvoker } from "../../src/host/hub/task-hub.ts";
import { createGate, serveDurably, until } from "./support/durable-runs.ts";
import { createSteeredEnvironment } from "./support/steered-environment.ts";

const DAY_MS = 86_400_000;
const gates = { lost: createGate(), going: createGate() };

const parrot = defineAgent({
  id: "Parrot",
  instructions: "Repeat.",
  model: createScriptedClient(async ({ messages }) => {
    const last = messages.at(-1);
    const said = last?.role === "user" ? last.content : "";
    if (said === "lost" || said === "going") await gates[said].passed;
    return said;
  }),
});

async function serve(options: Parameters<typeof serveDurably>[1] = {}) {
  registerThreads([parrot], () => runs.instances);
  const runs = await serveDurably(parrot, options);
  return runs;
}

function say(instances: Instances, content: string, threadId: string, ttlMs = DAY_MS): Promise<string> {
  return startTurn(instances, parrot, { threadId, messages: [{ role: "user", content }], ttlMs });
}

const entityOf = (instances: Instances, threadId: string) => instances.readEntity("dafx-agent-Parrot", threadId);

/** Asks the threads in which nothing happened since a time, each look at the clock a millisecond after the one before. */
async function expire(
  instances: Instances,
  idleSinceMs: number,
  stopAfterLooks = 1_000,
  agents: readonly WorkflowNode[] = [parrot],
) {
  const logged: string[] = [];
  let looks = 0;
  const nowMs = () => looks++;
  await expireThreads(instances, agents, {
    idleSinceMs,
    stopAtMs: stopAfterLooks,
    nowMs,
    logError: (text) => logged.push(text),
  });
  return logged;
}

/** A turn that was terminated while its model thinks; its thread does not know. */
async function loseTurn({ hub, instances }: Awaited<ReturnType<typeof serve>>, threadId: string, ttlMs = DAY_MS) {
  const lost = await say(instances, "lost", threadId, ttlMs);
  await until(async () => (await holderOf(instances, threadId)) === lost);
  await hub.terminate(`turn.${lost}`, "gone");
  await until(async () => (await readTurn(instances, parrot, lost)).isOver);
  return lost;
}

/** The run that has its turn in a thread. */
async function holderOf(instances: Instances, threadId: string): Promise<string | undefined> {
  const thread = await readThread(instances, parrot, threadId, 0).catch(() => undefined);
  return thread?.turn?.runId;
}

it("deletes threads whose time is up, and leaves the others alone", async () => {
  const { instances } = await serve();
  const turns = [await say(instances, "short", "short", 1), await say(instances, "long", "long")];
  for (const runId of turns) await until(async () => (await readTurn(instances, parrot, runId)).isOver);
  // It is gone for whoever looks before anything deletes it.
  await until(async () =>
    readThread(instances, parrot, "short", Date.now()).then(
      () => false,
      () => true,
    ),
  );
  expect(await entityOf(instances, "short")).toBeDefined();
  expect(await expire(instances, Date.now())).toEqual([]);
  await until(async () => (await entityOf(instances, "short")) === undefined);
  expect((await readThread(instances, parrot, "long", Date.now())).messages).toHaveLength(2);
});

it("asks no thread that something happened in since", async () => {
  const { instances } = await serve();
  const runId = await say(instances, "hi", "young", 1);
  await until(async () => (await readTurn(instances, parrot, runId)).isOver);
  await expire(instances, Date.now() - DAY_MS);
  const later = await say(instances, "hi", "witness");
  await until(async () => (await readTurn(instances, parrot, later)).isOver);
  expect(await entityOf(instances, "young")).toBeDefined();
});

it("gives the turn back of a run that was terminated from outside, and the next one goes on", async () => {
  const runs = await serve();
  const { instances } = runs;
  const lost = await loseTurn(runs, "lost");
  expect((await readThread(instances, parrot, "lost", 0)).turn?.runId).toBe(lost);
  await freeLostTurn(instances, parrot, "lost");
  const next = await say(instances, "hello", "lost");
  await until(async () => (await readTurn(instances, parrot, next)).isOver);
  const { messages } = await readThread(instances, parrot, "lost", 0);
  expect(messages.map((message) => "content" in message && message.content)).toEqual(["hello", "hello"]);
});

it("deletes a thread whose turn was terminated from outside", async () => {
  const runs = await serve();
  const { instances } = runs;
  await loseTurn(runs, "deleted");
  await deleteThread(instances, parrot, "deleted", Date.now());
  await until(async () => (await entityOf(instances, "deleted")) === undefined);
});

it("expires a thread whose turn was terminated and deleted since", async () => {
  const runs = await serve();
  const { hub, instances } = runs;
  const lost = await loseTurn(runs, "expired", 1);
  await hub.purge(`turn.${lost}`);
  await until(async () => (await instances.read(`turn.${lost}`)) === undefined);
  expect(await expire(instances, Date.now())).toEqual([]);
  await until(async () => (await entityOf(instances, "expired")) === undefined);
});

it("does not delete a thread in which a run waits behind one that was terminated, but lets that one begin", async () => {
  const runs = await serve();
  const { instances } = runs;
  await loseTurn(runs, "waited");
  const next = await say(instances, "hello", "waited");
  await until(async () => (await readThread(instances, parrot, "waited", 0)).waiting.length === 1);
  await expect(deleteThread(instances, parrot, "waited", Date.now())).rejects.toMatchObject({
    code: "THREAD_BUSY",
    message: `Run "${next}" has its turn in thread "waited", or waits for it. Wait for its end, or cancel it.`,
  });
  await until(async () => (await readTurn(instances, parrot, next)).isOver);
  expect((await readThread(instances, parrot, "waited", 0)).messages).toHaveLength(2);
});

it("stops when its time is up, gives each agent a share of it, and goes on behind a thread that cannot be asked", async () => {
  const { instances } = await serve();
  const asked: string[] = [];
  const lists: string[] = [];
  const many: Instances = {
    ...instances,
    async listEntities(name) {
      lists.push(name);
      return { keys: Array.from({ length: 100 }, (_key, index) => `${name}-${index + 1}`), next: "more" };
    },
    async readEntity(_name, key) {
      if (key === "dafx-agent-Parrot-1") throw new Error("This one is damaged.");
      return undefined;
    },
    async signalEntity(_name, key, operation) {
      asked.push(`${operation} ${key}`);
    },
  };
  const other = defineAgent({ id: "Other", instructions: "", model: createScriptedClient([]) });
  const logged = await expire(many, 0, 12, [parrot, other]);
  expect(new Set(lists)).toEqual(new Set(["dafx-agent-Parrot", "dafx-agent-Other"]));
  expect(lists.length).toBeLessThan(12);
  expect(asked[0]).toBe("expire dafx-agent-Parrot-2");
  expect(asked.length).toBeLessThan(100);
  expect(asked).toContain("expire dafx-agent-Other-1");
  expect(logged[0]).toMatch(
    /^Thread "dafx-agent-Parrot-1" of dafx-agent-Parrot could not be asked and is asked again next time: Error: This one/,
  );
});

it("goes on to the next agent when the threads of one cannot be listed, and says so", async () => {
  const { instances } = await serve();
  const listed: string[] = [];
  const broken: Instances = {
    ...instances,
    async listEntities(name) {
      listed.push(name);
      if (name === "dafx-agent-Parrot") throw new Error("The table is away.");
      return { keys: [], next: undefined };
    },
  };
  const other = defineAgent({ id: "Other", instructions: "", model: createScriptedClient([]) });
  const logged = await expire(broken, 0, 100, [parrot, other]);
  expect(listed).toEqual(["dafx-agent-Parrot", "dafx-agent-Other"]);
  expect(logged).toEqual([
    expect.stringMatching(
      /^The threads of dafx-agent-Parrot could not be listed and are asked again next time: Error: The table is away\./,
    ),
  ]);
});

it("leaves a turn alone that goes on", async () => {
  const { instances } = await serve();
  const going = await say(instances, "going", "going");
  await until(async () => (await holderOf(instances, "going")) === going);
  await freeLostTurn(instances, parrot, "going");
  gates.going.open();
  await until(async () => (await readTurn(instances, parrot, going)).isOver);
  expect((await readThread(instances, parrot, "going", 0)).messages).toHaveLength(2);
});

it("begins a turn that waits behind a run which was terminated, without anybody saying more", async () => {
  const environment = createSteeredEnvironment(Date.UTC(2026, 0, 1));
  const runs = await serve({ environment });
  const { instances } = runs;
  await loseTurn(runs, "patient");
  const next = await say(instances, "hello", "patient");
  let waitedMs = 0;
  await until(async () => {
    environment.advance(100);
    waitedMs += 100;
    return (await readTurn(instances, parrot, next)).isOver;
  });
  expect(waitedMs).toBeGreaterThan(15_500);
  const { messages } = await readThread(instances, parrot, "patient", 0);
  expect(messages.map((message) => "content" in message && message.content)).toEqual(["hello", "hello"]);
});

it("goes on waiting when the host could not be asked whether the run before is lost", async () => {
  const environment = createSteeredEnvironment(Date.UTC(2026, 0, 1));
  let failures = 0;
  const around = (functions: FunctionInvoker): FunctionInvoker => ({
    ...functions,
    async invokeActivity(name, ...call) {
      if (name !== "dafx-agent-turns-lost" || ++failures > 1) return functions.invokeActivity(name, ...call);
      return { ok: false, message: "The host is away.", stack: "" };
    },
  });
  const runs = await serve({ environment, around });
  await loseTurn(runs, "twice");
  const next = await say(runs.instances, "hello", "twice");
  await until(async () => {
    environment.advance(1_000);
    return (await readTurn(runs.instances, parrot, next)).isOver;
  });
  expect(failures).toBe(2);
  expect((await readTurn(runs.instances, parrot, next)).run.status).toBe("Completed");
});

describe("the turns of an agent that is not served any more", () => {
  /** Deletes what ended 30 days ago, in an app that knows no agent. */
  const purge = (instances: Instances, nowMs: number) =>
    purgeEndedRuns(instances, {
      orchestrators: [],
      endedBeforeMs: nowMs - 30 * DAY_MS,
      stopAtMs: 1,
      nowMs: () => 0,
      logError: (text) => expect.fail(text),
    });
  const ids = async ({ hub }: Awaited<ReturnType<typeof serve>>) =>
    (await hub.list({})).instances.map(({ instanceId }) => instanceId).sort();

  it("are deleted with their runs, some time after their end", async () => {
    const environment = createSteeredEnvironment(Date.UTC(2026, 0, 1));
    const runs = await serve({ environment });
    const runId = await say(runs.instances, "hello", "old");
    await until(async () => (await readTurn(runs.instances, parrot, runId)).isOver);
    environment.advance(29 * DAY_MS);
    expect(await purge(runs.instances, environment.nowMs())).toBe(0);
    environment.advance(2 * DAY_MS);
    expect(await purge(runs.instances, environment.nowMs())).toBe(1);
    expect(await ids(runs)).toEqual([]);
  });

  it("stay for as long as their runs, which nothing else would find", async () => {
    const environment = createSteeredEnvironment(Date.UTC(2026, 0, 1));
    const runs = await serve({ environment });
    const runId = await loseTurn(runs, "outlived");
    environment.advance(31 * DAY_MS);
    expect(await purge(runs.instances, environment.nowMs())).toBe(0);
    await runs.hub.terminate(runId, "gone");
    await until(async () => (await runs.instances.read(runId))?.runtimeStatus === "Terminated");
    expect(await purge(runs.instances, environment.nowMs())).toBe(0);
    expect(await ids(runs)).toEqual([runId, `turn.${runId}`].sort());
    environment.advance(31 * DAY_MS);
    expect(await purge(runs.instances, environment.nowMs())).toBe(1);
    expect(await ids(runs)).toEqual([]);
  });
});

const idsIn = ({ runs }: { readonly runs: readonly { readonly runId: string; readonly status: string }[] }) =>
  runs.map(({ runId, status }) => [runId, status]);

it.each(["newest", "oldest"] as const)(
  "lists a run once, %s first, that begins while the list is read",
  async (order) => {
    const { instances } = await serve();
    const runId = await say(instances, "hi", `begins-${order}`);
    await until(async () => (await readTurn(instances, parrot, runId)).isOver);
    const turn = await instances.read(`turn.${runId}`);
    // As it was: the turn waits for its thread, and there is no run yet.
    const before: Instances = {
      ...instances,
      list: async () => ({ instances: [{ ...turn, runtimeStatus: "Running" } as never], next: undefined }),
    };
    expect(idsIn(await listTurns(before, parrot, { limit: 10, order }, Date.now()))).toEqual([[runId, "Completed"]]);
    const run = await instances.read(runId);
    const both: Instances = {
      ...instances,
      list: async () => ({ instances: [{ ...turn, runtimeStatus: "Running" }, run] as never[], next: undefined }),
    };
    expect(idsIn(await listTurns(both, parrot, { limit: 10, order }, Date.now()))).toEqual([[runId, "Completed"]]);
    // One that began long before is listed by itself: on another page, or under another status.
    const later = Date.now() + DAY_MS;
    expect(idsIn(await listTurns(before, parrot, { limit: 10, order }, later))).toEqual([]);
  },
);

it("lists a run once that begins, and a turn that ends, between two reads", async () => {
  const { instances } = await serve();
  const runId = await say(instances, "hi", "between");
  await until(async () => (await readTurn(instances, parrot, runId)).isOver);
  const turn = await instances.read(`turn.${runId}`);
  let isTurnRead = false;
  const racing: Instances = {
    ...instances,
    list: async () => ({ instances: [{ ...turn, runtimeStatus: "Running" } as never], next: undefined }),
    async read(id, options) {
      if (id !== `turn.${runId}`) return isTurnRead ? instances.read(id, options) : undefined;
      const read = await instances.read(id, options);
      isTurnRead = true;
      return read;
    },
  };
  expect(idsIn(await listTurns(racing, parrot, { limit: 10 }, Date.now()))).toEqual([[runId, "Completed"]]);
});

it("shows a suspended turn that waits as pending, in the list of those that are as in the whole one", async () => {
  const runs = await serve();
  const { hub, instances } = runs;
  const going = await say(instances, "going", "suspended");
  await until(async () => (await holderOf(instances, "suspended")) === going);
  const waits = await say(instances, "hi", "suspended");
  await until(async () => (await readThread(instances, parrot, "suspended", 0)).waiting.length === 1);
  await hub.suspend(`turn.${waits}`, "later");
  await until(async () => (await instances.read(`turn.${waits}`))?.runtimeStatus === "Suspended");
  const whole = idsIn(await listTurns(instances, parrot, { limit: 10 }, Date.now()));
  expect(whole).toEqual(expect.arrayContaining([[waits, "Pending"]]));
  const pending = await listTurns(instances, parrot, { limit: 10, statuses: ["Pending"] }, Date.now());
  expect(idsIn(pending)).toEqual([[waits, "Pending"]]);
  expect(idsIn(await listTurns(instances, parrot, { limit: 10, statuses: ["Suspended"] }, Date.now()))).toEqual([]);
});

it("passes over what another program started under the id of a turn, and says what it is when asked", async () => {
  const { instances } = await serve();
  const runId = await say(instances, "hi", "own");
  await until(async () => (await readTurn(instances, parrot, runId)).isOver);
  const own = await instances.read(`turn.${runId}`);
  const foreign = { ...own, instanceId: "turn.foreign", runtimeStatus: "Running", input: { what: "else" } } as never;
  const mixed: Instances = {
    ...instances,
    list: async () => ({ instances: [foreign], next: undefined }),
    read: async (id, options) => (id === "turn.foreign" ? foreign : instances.read(id, options)),
  };
  expect(idsIn(await listTurns(mixed, parrot, { limit: 10 }, Date.now()))).toEqual([]);
  await expect(readTurn(mixed, parrot, "foreign")).rejects.toMatchObject({ code: "PLAN_INVALID" });
});
