import { appendFileSync } from "node:fs";
import { createScriptedClient, defineAgent } from "../../../../../src/agents/index.ts";
import { serveWorkflows } from "../../../../../src/functions/serve-workflows.ts";
import { defineCatalog } from "../../../../../src/index.ts";

const THINK_MS = 20;

function ledger(): string {
  const file = process.env.LEDGER_FILE;
  if (!file) throw new Error("LEDGER_FILE is not set. Start this app from test/chaos.");
  return file;
}

/** Says how many questions it knows of, and writes each question into the ledger before it thinks. */
const counter = defineAgent({
  id: "Counter",
  instructions: "Count.",
  model: createScriptedClient(
    ({ messages }) => {
      const questions = messages.flatMap((message) => (message.role === "user" ? [message.content] : []));
      const last = questions.at(-1) ?? "";
      appendFileSync(ledger(), `${process.env.GENERATION} ${last}\n`);
      return `${questions.length}`;
    },
    { delayMs: THINK_MS },
  ),
});

serveWorkflows({ catalog: defineCatalog([]), agents: [counter] });
