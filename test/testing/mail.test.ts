import { defineExecutor, WorkflowBuilder } from "durable-workflows";
import { runInTest } from "durable-workflows/testing";
import { expect, it } from "vitest";
import { z } from "zod";

const order = z.object({ id: z.string(), email: z.email() });
const lookUp = defineExecutor({
  id: "LookUp",
  input: z.string(),
  output: order,
  handle: async (id) => order.parse(await (await fetch(`https://orders.example.com/${id}`)).json()),
});
const sendEmail = defineExecutor({
  id: "SendEmail",
  input: order,
  output: z.string(),
  handle: ({ id, email }) => `mail about ${id} to ${email}`,
});
const notify = new WorkflowBuilder("Notify", lookUp).addEdge(lookUp, sendEmail).withOutputFrom(sendEmail).build();

const mocks = { LookUp: (id: string) => ({ id, email: "jerry@example.com" }) };

it("sends a mail, without the order service", async () => {
  const { outputs } = await runInTest(notify, "12345", { mocks });
  expect(outputs).toEqual(["mail about 12345 to jerry@example.com"]);
});

it("holds a mock to the schema of the real executor", async () => {
  const wrong = { LookUp: (id: string) => ({ id, email: "nobody" }) };
  const { status } = await runInTest(notify, "12345", { mocks: wrong });
  expect(status.error).toMatchObject({ code: "EXECUTOR_OUTPUT_INVALID", issues: [{ pointer: "/email" }] });
});

it("fails when the mail server is down at the first attempt", async () => {
  const failures = [{ executor: "SendEmail", attempt: 1, error: new Error("The mail server is down.") }];
  const { status, path } = await runInTest(notify, "12345", { mocks, failures });
  expect(path).toEqual(["LookUp", "SendEmail"]);
  expect(status).toMatchObject({ status: "Failed", error: { message: "The mail server is down." } });
});
