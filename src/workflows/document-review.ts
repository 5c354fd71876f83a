import { z } from "zod";
import { WorkflowBuilder } from "../graph/builder.ts";
import { defineExecutor } from "../graph/executor.ts";
import { defineRequestPort } from "../graph/request-port.ts";
import { findKeyTerms, measureReadability, measureText } from "./document-analysis.ts";

const KEY_TERMS = 8;

const document = z.object({
  title: z.string().min(1),
  text: z.string().min(1),
});
const statistics = z.object({
  words: z.int(),
  sentences: z.int(),
  paragraphs: z.int(),
  readingMinutes: z.number(),
});
const readability = z.object({ readingEase: z.number(), gradeLevel: z.number() });
const keyTerms = z.array(z.object({ term: z.string(), count: z.int() }));
const report = z.object({ title: z.string(), statistics, readability, keyTerms });
const signOff = z.object({ approved: z.boolean(), comments: z.string().optional() });

const receiveDocument = defineExecutor({
  id: "ReceiveDocument",
  input: document,
  output: document,
  handle: ({ title, text }) => ({ title: title.trim(), text: text.replaceAll("\r\n", "\n").trim() }),
});

const countText = defineExecutor({
  id: "Statistics",
  input: document,
  output: z.object({ title: z.string(), statistics }),
  handle: ({ title, text }) => ({ title, statistics: measureText(text) }),
});

const rateReadability = defineExecutor({
  id: "Readability",
  input: document,
  output: readability,
  handle: ({ text }) => measureReadability(text),
});

const extractKeyTerms = defineExecutor({
  id: "KeyTerms",
  input: document,
  output: keyTerms,
  handle: ({ text }) => findKeyTerms(text, KEY_TERMS),
});

const writeReport = defineExecutor({
  id: "Report",
  input: z.tuple([z.object({ title: z.string(), statistics }), readability, keyTerms]),
  output: report,
  handle: ([counted, rated, terms]) => ({ ...counted, readability: rated, keyTerms: terms }),
});

const editorSignOff = defineRequestPort({
  id: "EditorSignOff",
  request: report,
  response: signOff,
  sends: "requestAndResponse",
});

const closeReview = defineExecutor({
  id: "CloseReview",
  input: z.object({ request: report, response: signOff }),
  output: z.object({ report, decision: signOff }),
  handle: ({ request, response }) => ({ report: request, decision: response }),
});

/** Served on its own, and part of the review. */
export const documentAnalysis = new WorkflowBuilder("DocumentAnalysis", receiveDocument)
  .describe("Measures a document in three ways at once and reports")
  .addFanOut(receiveDocument, [countText, rateReadability, extractKeyTerms])
  .addFanIn([countText, rateReadability, extractKeyTerms], writeReport)
  .withOutputFrom(writeReport)
  .build();

export const documentReview = new WorkflowBuilder("DocumentReview", documentAnalysis)
  .describe("Analyses a document and asks an editor for sign-off")
  .addEdge(documentAnalysis, editorSignOff)
  .addEdge(editorSignOff, closeReview)
  .withOutputFrom(closeReview)
  .build();
