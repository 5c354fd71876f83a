import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const demo = fileURLToPath(new URL("../scripts/demo.ts", import.meta.url));

it("npm run demo ends with what people approved, though the host was killed while they were asked", {
  timeout: 60_000,
}, () => {
  const printed = execFileSync(process.execPath, [demo], { encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } });
  expect(printed).toContain("Completed: Cancellation email sent for order 12345 to jerry@example.com.");
  expect(printed).toContain(
    "The host is killed with SIGKILL while the approval is open, and started again\n  Back after",
  );
  expect(printed).toContain("The run ended as Completed: Expense EXP-2025-001 of 1500.00 reimbursed to Jerry.");
  expect(printed).toMatch(/superstep \d+ +runOutput +ExpenseReimburse: "Expense EXP-2025-001/);
});
