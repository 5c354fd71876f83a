import { describe, expect, it } from "vitest";
import type { RunStatus } from "../../src/index.ts";
import { eventsOf, type RunnerUnderTest, story, until, untilAsking, withCode } from "./runner-under-test.ts";

const YES = { approved: true };

/** Asking people. */
export function portsSuite(runner: RunnerUnderTest): void {
  describe(`ports, ${runner.name}`, () => {
    it("ask in parallel, are answered in any order, and join", async () => {
      const run = await runner.start("TwoApprovals", "a desk");
      await untilAsking(run, "Manager", "Finance");
      const { waitingForInput, executors, status } = await run.status();
      expect(status).toBe("Running");
      expect(waitingForInput).toMatchObject([
        { eventName: "Manager", input: { subject: "a desk" }, deadline: null },
        { eventName: "Finance", input: { subject: "a desk" }, deadline: null },
      ]);
      expect(executors.map((one) => [one.id, one.status])).toEqual([
        ["Ask", "completed"],
        ["Manager", "waiting"],
        ["Finance", "waiting"],
        ["Verdict", "idle"],
      ]);
      await run.respond({ eventName: "Finance" }, { approved: false, comments: "too dear" });
      await untilAsking(run, "Manager");
      await run.respond({ eventName: "Manager" }, YES);
      expect(await run.end()).toMatchObject({ status: "Completed", outputs: ["yes (none), no (too dear)"] });
      expect((await run.status()).waitingForInput).toEqual([]);
    });

    it("give each request an id of port, number and hash, and show the schema of the response", async () => {
      const run = await runner.start("TwoApprovals", "a desk");
      const [manager, finance] = await untilAsking(run, "Manager", "Finance");
      expect(manager).toMatch(/^manager-1-[0-9a-f]{8}$/);
      expect(finance).toMatch(/^finance-2-[0-9a-f]{8}$/);
      const [request] = (await run.status()).waitingForInput;
      expect(request?.responseSchema).toMatchObject({ type: "object", required: ["approved"] });
      await run.cancel();
      await run.end();
    });

    it("tell of asking and answering in order", async () => {
      const run = await runner.start("OneAfterTheOther", "a desk");
      await untilAsking(run, "Manager");
      await run.respond({ eventName: "Manager" }, YES);
      await untilAsking(run, "Finance");
      await run.respond({ eventName: "Finance" }, YES);
      await run.end();
      expect(await story(run)).toEqual([
        "runStarted",
        "executorStarted Ask",
        "executorCompleted Ask",
        "executorStarted Manager",
        "requestOpened Manager",
        "executorStarted Manager",
        "requestAnswered Manager",
        "executorCompleted Manager",
        "executorStarted AskAgain",
        "executorCompleted AskAgain",
        "executorStarted Finance",
        "requestOpened Finance",
        "executorStarted Finance",
        "requestAnswered Finance",
        "executorCompleted Finance",
        "executorStarted OneDecision",
        "executorCompleted OneDecision",
        "runOutput OneDecision",
        "runCompleted",
      ]);
    });

    it("hold up no other branch while a person thinks", async () => {
      const run = await runner.start("BusyBesidePerson", 4);
      await until(run, ({ outputs }) => outputs.length === 1);
      const status = await run.status();
      expect(status).toMatchObject({ status: "Running", outputs: ["landed"] });
      expect(status.waitingForInput).toMatchObject([{ eventName: "Manager", input: { subject: "from 4" } }]);
      await run.respond({ eventName: "Manager" }, YES);
      expect((await run.end()).outputs).toEqual(["landed", "yes (none)"]);
    });

    it("are answered, and the run cancelled, beside a loop that never ends", async () => {
      const run = await runner.start("LoopBesidePerson", 0);
      await untilAsking(run, "Manager");
      const { superstep } = await run.status();
      await run.respond({ eventName: "Manager" }, YES);
      await until(run, ({ outputs }) => outputs.length === 1);
      expect(await run.status()).toMatchObject({ status: "Running", outputs: ["yes (none)"], waitingForInput: [] });
      await until(run, (status) => status.superstep > superstep + 5);
      await run.cancel();
      const ended = await run.end();
      expect(ended).toMatchObject({ status: "Cancelled", outputs: ["yes (none)"] });
      const [answered] = await eventsOf(run, "requestAnswered");
      const verdict = (await eventsOf(run, "executorStarted")).find(({ executorId }) => executorId === "OneDecision");
      expect(verdict?.superstep).toBe((answered?.superstep ?? 0) + 1);
    });

    it("refuse a response of the wrong shape, say where it is wrong, and keep waiting", async () => {
      const run = await runner.start("OneAfterTheOther", "a desk");
      const [requestId = ""] = await untilAsking(run, "Manager");
      const wrong = { approved: "perhaps" };
      await expect(run.respond({ requestId }, wrong)).rejects.toMatchObject({
        code: "PORT_RESPONSE_INVALID",
        issues: [{ pointer: "/approved" }],
      });
      expect(await untilAsking(run, "Manager")).toEqual([requestId]);
      await run.respond({ requestId }, YES);
      await untilAsking(run, "Finance");
      await run.respond({ eventName: "Finance" }, { approved: false });
      expect((await run.end()).outputs).toEqual(["no (none)"]);
    });

    it("refuse a response that no run can hold, and keep waiting", async () => {
      const run = await runner.start("OneAfterTheOther", "a desk");
      const [requestId = ""] = await untilAsking(run, "Manager");
      const large = { approved: true, comments: "x".repeat(524_288) };
      await expect(run.respond({ requestId }, large)).rejects.toMatchObject({
        code: "PORT_RESPONSE_INVALID",
        issues: [{ pointer: "", message: "has 524319 characters of JSON text, and a run can hold 524288" }],
      });
      expect(await untilAsking(run, "Manager")).toEqual([requestId]);
      await run.cancel();
      await run.end();
    });

    it("refuse a second response to one request", async () => {
      const run = await runner.start("OneAfterTheOther", "a desk");
      const [requestId = ""] = await untilAsking(run, "Manager");
      await run.respond({ requestId }, { approved: true, comments: "first" });
      await untilAsking(run, "Finance");
      await expect(run.respond({ requestId }, YES)).rejects.toEqual(withCode("REQUEST_CLOSED"));
      await expect(run.respond({ eventName: "Manager" }, YES)).rejects.toEqual(withCode("REQUEST_CLOSED"));
      expect((await run.status()).waitingForInput).toMatchObject([{ input: { subject: "after first" } }]);
      await run.respond({ eventName: "Finance" }, YES);
      await run.end();
      await expect(run.respond({ eventName: "Finance" }, YES)).rejects.toEqual(withCode("RUN_ENDED"));
      expect(await eventsOf(run, "requestAnswered")).toHaveLength(2);
    });

    it("refuse a second response while another branch is busy", async () => {
      const run = await runner.start("SlowBesidePerson", 2);
      const [requestId = ""] = await untilAsking(run, "Manager");
      const stateOf = ({ executors }: RunStatus, name: string) => executors.find(({ id }) => id === name)?.status;
      await until(run, (status) => stateOf(status, "Slow") === "running");
      await run.respond({ requestId }, { approved: true, comments: "first" });
      const answered = await until(run, ({ waitingForInput }) => waitingForInput.length === 0);
      expect([stateOf(answered, "Manager"), stateOf(answered, "Slow")]).toEqual(["running", "running"]);
      await expect(run.respond({ requestId }, YES)).rejects.toEqual(withCode("REQUEST_CLOSED"));
      await expect(run.respond({ eventName: "Manager" }, YES)).rejects.toEqual(withCode("REQUEST_CLOSED"));
      expect(stateOf(await run.status(), "Slow")).toBe("running");
      expect((await run.end()).outputs).toEqual(["landed", "yes (first)"]);
    });

    it("say so when a run ends before it took a response in", async () => {
      const run = await runner.start("SlowBesidePerson", 2);
      const [requestId = ""] = await untilAsking(run, "Manager");
      await until(run, ({ executors }) => executors.some(({ id, status }) => id === "Slow" && status === "running"));
      await run.respond({ requestId }, YES);
      await run.cancel();
      expect(await run.end()).toMatchObject({ status: "Cancelled", waitingForInput: [] });
      expect((await story(run)).slice(-2)).toEqual(["runCancelled", "responseIgnored"]);
      expect(await eventsOf(run, "responseIgnored")).toMatchObject([{ requestId }]);
    });

    it("take one of two responses that come at the same time", async () => {
      const run = await runner.start("OneAfterTheOther", "a desk");
      const [requestId = ""] = await untilAsking(run, "Manager");
      const answers = [{ requestId }, { eventName: "Manager" }, { requestId }].map((one, place) =>
        run.respond(one, { approved: true, comments: `answer ${place}` }),
      );
      const settled = await Promise.allSettled(answers);
      const closed = { status: "rejected", reason: withCode("REQUEST_CLOSED") };
      expect(settled.filter(({ status }) => status === "rejected")).toEqual([closed, closed]);
      await untilAsking(run, "Finance");
      const taken = settled.findIndex(({ status }) => status === "fulfilled");
      expect((await run.status()).waitingForInput).toMatchObject([{ input: { subject: `after answer ${taken}` } }]);
      await run.cancel();
      await run.end();
    });

    it("know no request that was never opened", async () => {
      const run = await runner.start("OneAfterTheOther", "a desk");
      await untilAsking(run, "Manager");
      await expect(run.respond({ requestId: "manager-7-00000000" }, YES)).rejects.toEqual(
        withCode("REQUEST_NOT_FOUND"),
      );
      await expect(run.respond({ eventName: "Nobody" }, YES)).rejects.toEqual(withCode("REQUEST_NOT_FOUND"));
      await run.cancel();
      await run.end();
    });

    it("with several open requests are answered by request id only", async () => {
      const run = await runner.start("ManyQuestions", ["a", "b", "c"]);
      const { waitingForInput } = await until(run, (status) => status.waitingForInput.length === 3);
      await expect(run.respond({ eventName: "Manager" }, YES)).rejects.toEqual(withCode("REQUEST_AMBIGUOUS"));
      for (const { requestId, input } of waitingForInput.toReversed()) {
        await run.respond({ requestId }, { approved: true, comments: (input as { subject: string }).subject });
      }
      expect((await run.end()).outputs.toSorted()).toEqual(["yes (a)", "yes (b)", "yes (c)"]);
    });

    it("may send the request on beside the response", async () => {
      const run = await runner.start("SubjectIsKept", "a desk");
      await untilAsking(run, "SignOff");
      await run.respond({ eventName: "SignOff" }, YES);
      expect((await run.end()).outputs).toEqual(["a desk: yes"]);
    });

    it("ask again in a loop", async () => {
      const run = await runner.start("UntilYes", "a desk");
      for (const comments of ["no", "still no"]) {
        const [requestId = ""] = await untilAsking(run, "Manager");
        await run.respond({ requestId }, { approved: false, comments });
        await until(run, ({ waitingForInput: [request] }) => request !== undefined && request.requestId !== requestId);
      }
      expect((await run.status()).waitingForInput).toMatchObject([{ input: { subject: "again after still no" } }]);
      await run.respond({ eventName: "Manager" }, YES);
      expect((await run.end()).outputs).toEqual(["yes (none)"]);
      expect(await eventsOf(run, "requestOpened")).toHaveLength(3);
    });
  });
}
