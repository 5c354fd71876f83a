import { WorkflowError } from "../../errors.ts";
import type { HandlerContext } from "../../graph/runtime.ts";
import { sumOfUsage, type TokenUsage, tokenUsage } from "../../wire/usage.ts";

/** Adds up the tokens of one call. It outlives a handler that throws: tokens of a failed call were used all the same. */
export class UsageMeter {
  #total: TokenUsage | undefined;

  /** Undefined while nothing was added. */
  get total(): TokenUsage | undefined {
    return this.#total;
  }

  /** @throws {WorkflowError} `USAGE_INVALID` for anything but whole numbers of 0 or more */
  add(usage: Parameters<HandlerContext["addUsage"]>[0], executorId: string): void {
    const parsed = tokenUsage.safeParse({ modelCalls: 1, ...usage });
    if (!parsed.success) throw usageInvalid(usage, executorId);
    this.#total = sumOfUsage(this.#total, parsed.data);
  }
}

function usageInvalid(usage: unknown, executorId: string): WorkflowError {
  return new WorkflowError(
    "USAGE_INVALID",
    `Executor "${executorId}" adds the usage ${JSON.stringify(usage)}.`,
    "Give inputTokens and outputTokens as whole numbers of 0 or more.",
  );
}
