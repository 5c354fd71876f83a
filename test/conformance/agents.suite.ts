import { describe, expect, it } from "vitest";
import { eventsOf, type RunnerUnderTest, runToEnd, story, until, withCode } from "./runner-under-test.ts";

/** Agents: turns, tools, approvals, groups. */
export function agentsSuite(runner: RunnerUnderTest): void {
  describe(`agents, ${runner.name}`, () => {
    it("answer at the same time, and the run adds up their tokens", async () => {
      const { run, status } = await runToEnd(runner, "AgentsInParallel", "heat");
      expect(status).toMatchObject({ status: "Completed", output: "LeftAgent on heat | RightAgent on heat" });
      expect(status.usage).toEqual({ modelCalls: 2, inputTokens: 20, outputTokens: 10 });
      const used = (await eventsOf(run, "executorCompleted")).filter(({ usage }) => usage !== undefined);
      expect(used.map(({ frame, executorId, usage }) => [frame, executorId, usage])).toEqual([
        ["LeftAgent~1", "Turn", { modelCalls: 1, inputTokens: 10, outputTokens: 5 }],
        ["RightAgent~1", "Turn", { modelCalls: 1, inputTokens: 10, outputTokens: 5 }],
      ]);
    });

    it("run the tools of an answer at once, wait for the slowest, and repair an answer of the wrong shape", async () => {
      const { run, status } = await runToEnd(runner, "AgentWithTools", "go");
      expect(status).toMatchObject({
        status: "Completed",
        output: { agent: "Calculator", output: { sum: 14 }, turns: 3 },
      });
      expect(status.usage).toEqual({ modelCalls: 3, inputTokens: 30, outputTokens: 15 });
      const called = (await eventsOf(run, "emitted")).map(({ executorId, name, data }) => [executorId, name, data]);
      expect(called).toEqual([
        ["add", "toolCalled", { tool: "add", arguments: { one: 2, other: 3 }, result: 5 }],
        ["add", "toolCalled", { tool: "add", arguments: { one: 4, other: 5 }, result: 9 }],
        ["flaky", "toolCalled", { tool: "flaky", arguments: {}, result: "worked" }],
      ]);
    });

    it("ask a person before a tool that needs approval; what was edited is what is run and remembered", async () => {
      const run = await runner.start("AgentAsks", "go");
      const { waitingForInput } = await until(run, (now) => now.waitingForInput.length === 1);
      const [request] = waitingForInput;
      expect(request).toMatchObject({
        eventName: "approve_wipe",
        input: { agent: "Cleaner", tool: "wipe", arguments: { file: "a.txt" } },
        responseSchema: {
          required: ["approved"],
          properties: { arguments: { type: "object", properties: { file: { type: "string" } } } },
        },
      });
      const requestId = request?.requestId ?? "";
      expect(requestId).toMatch(/^cleaner~1~approve_wipe-1-[0-9a-f]{8}$/);
      await expect(run.respond({ requestId }, { approved: true, arguments: { file: 1 } })).rejects.toEqual(
        withCode("PORT_RESPONSE_INVALID"),
      );
      await run.respond({ requestId }, { approved: true, arguments: { file: "b.txt" } });
      expect((await run.end()).output).toMatchObject({ output: 'b.txt is gone; asked for [{"file":"b.txt"}]' });
    });

    it("are told when a person denies a call", async () => {
      const run = await runner.start("AgentAsks", "go");
      const { waitingForInput } = await until(run, (now) => now.waitingForInput.length === 1);
      await run.respond({ requestId: waitingForInput[0]?.requestId ?? "" }, { approved: false, reason: "Keep it" });
      expect((await run.end()).output).toMatchObject({
        output: 'A person denied this call: Keep it; asked for [{"file":"a.txt"}]',
      });
    });

    it("with a session know their earlier calls, are not told twice, and answer one call after the other", async () => {
      const { run, status } = await runToEnd(runner, "AgentRemembers", "go");
      expect(status).toMatchObject({
        status: "Completed",
        output: ["1 messages: go one", "3 messages: go one, go two", "5 messages: go one, go two, three"],
      });
      const calls = (await story(run)).filter((line) => /^executor(Started|Completed) Diary$/.test(line));
      expect(calls).toEqual([1, 2, 3].flatMap(() => ["executorStarted Diary", "executorCompleted Diary"]));
    });

    it("can be the tools of others", async () => {
      const { status } = await runToEnd(runner, "Delegate", "go");
      expect(status.output).toMatchObject({ agent: "Delegate", output: "told: LeftAgent on look left" });
    });

    it("end with a code at their limit of turns", async () => {
      const { status } = await runToEnd(runner, "NeverEnds", "go");
      expect(status).toMatchObject({ status: "Failed", error: { code: "AGENT_TURN_LIMIT" } });
      expect(status.usage?.modelCalls).toBe(2);
    });

    it("work one after the other, at the same time, hand over, and chat", async () => {
      const { status } = await runToEnd(runner, "AgentLine", "go");
      expect(status.output).toMatchObject({ output: "RightAgent on LeftAgent: LeftAgent on go" });
      const together = await runToEnd(runner, "AgentsTogether", "heat");
      expect(together.status.output).toBe("LeftAgent on heat | RightAgent on heat");
      const handover = await runToEnd(runner, "AgentHandoff", "heat");
      expect(handover.status.output).toMatchObject({ agent: "RightAgent", output: "RightAgent on heat" });
      expect(await eventsOf(handover.run, "emitted")).toMatchObject([
        { name: "handedOver", data: { from: "Desk", to: "RightAgent" } },
      ]);
      const chat = await runToEnd(runner, "AgentChat", "go");
      expect(chat.status.output).toMatchObject({ rounds: 3, endedBy: "maxRounds" });
    });
  });
}
