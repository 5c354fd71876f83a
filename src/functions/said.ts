import { z } from "zod";
import { answered } from "../wire/chat.ts";

const said = answered.pick({ text: true }).extend({ output: z.unknown() });

/** What an agent said, in words and as a value; undefined for what is no answer of an agent. */
export function saidIn(output: unknown): z.infer<typeof said> | undefined {
  return said.safeParse(output).data;
}
