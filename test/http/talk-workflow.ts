import { z } from "zod";
import { defineExecutor, WorkflowBuilder } from "../../src/index.ts";
import { gates } from "./gates.ts";

const speak = defineExecutor({
  id: "Speak",
  input: z.string(),
  output: z.string(),
  async handle(name, { sendUpdate }) {
    sendUpdate({ text: "one" });
    sendUpdate({ text: "two" });
    await gates.get(`talk ${name}`).passed;
    sendUpdate({ text: "three" });
    return "one two three";
  },
});

/** Tells two things, waits for the gate `talk NAME`, tells a third, and ends. */
export const talk = new WorkflowBuilder("Talk", speak).withOutputFrom(speak).build();
