import { z } from "zod";
import { agentResponse, type ChatRequest, defineAgent } from "../agents/index.ts";
import { WorkflowBuilder } from "../graph/builder.ts";
import { defineExecutor } from "../graph/executor.ts";
import { SCRIPTED, servedModel } from "./model.ts";

const question = z.string().trim().min(1).max(4_000);

const parseQuestion = defineExecutor({
  id: "ParseQuestion",
  input: z.union([z.string(), z.object({ question: z.string() })]),
  output: z.string(),
  handle(input) {
    const parsed = question.safeParse(typeof input === "string" ? input : input.question);
    if (parsed.success) return parsed.data;
    throw Object.assign(new Error("The question is empty or longer than 4,000 characters. Ask something shorter."), {
      code: "QUESTION_INVALID",
      retryable: false,
    });
  },
});

const model = servedModel(scriptedExpert);

export const physicist = defineAgent({
  id: "Physicist",
  description: "Answers from the point of view of physics",
  instructions:
    "You are a physicist. Answer the question from the point of view of physics, in at most three sentences.",
  model,
});

export const chemist = defineAgent({
  id: "Chemist",
  description: "Answers from the point of view of chemistry",
  instructions:
    "You are a chemist. Answer the question from the point of view of chemistry, in at most three sentences.",
  model,
});

const aggregator = defineExecutor({
  id: "Aggregator",
  input: z.tuple([agentResponse(), agentResponse()]),
  output: z.string(),
  handle: (answers) => answers.map(({ agent, output }) => `${agent}: ${output}`).join("\n\n"),
});

export const expertReview = new WorkflowBuilder("ExpertReview", parseQuestion)
  .describe("Has a physicist and a chemist answer a question at the same time, and puts their answers together")
  .addFanOut(parseQuestion, [physicist, chemist])
  .addFanIn([physicist, chemist], aggregator)
  .withOutputFrom(aggregator)
  .build();

function scriptedExpert({ agent, messages }: ChatRequest): string {
  const asked = messages.at(-1);
  const about = asked?.role === "user" ? asked.content : "";
  return `${SCRIPTED} What ${agent === "Physicist" ? "physics" : "chemistry"} says about ${JSON.stringify(about)}.`;
}
