import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const folder = fileURLToPath(new URL("../samples/", import.meta.url));

const LAST_LINES: Readonly<Record<string, string>> = {
  "01-cancel-an-order.ts": "Cancellation email sent for order 12345 to jerry@example.com.",
  "02-approve-an-expense.ts": "Expense reimbursed.",
  "03-write-and-review.ts": "Published: On ethics, longer, longer",
  "04-book-a-trip.ts": "Booked for 790 euros.",
  "05-survive-a-restart.ts": "Ordered: two desks for 1700",
  "06-invoice-every-order.ts": "2 of 3 invoices sent. There is no order 13.",
  "07-writer-remembers.ts": "Bees fly far far. (6 messages remembered)",
};

it("knows the last line of every sample", () => {
  const samples = readdirSync(folder).filter((file) => file.endsWith(".ts"));
  expect(Object.keys(LAST_LINES)).toEqual(samples);
});

it.each(Object.entries(LAST_LINES))("%s runs with one command", (file, lastLine) => {
  const printed = execFileSync(process.execPath, [`${folder}${file}`], { encoding: "utf8" });
  expect(printed.trimEnd().split("\n").at(-1)).toBe(lastLine);
});
