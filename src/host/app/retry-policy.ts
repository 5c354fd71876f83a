import { z } from "zod";

const interval = z.object({ seconds: z.number().nonnegative() }).transform(({ seconds }) => seconds * 1_000);

/** `retry` of a function, as the library hands it over. */
const retryOptions = z.discriminatedUnion("retryStrategy", [
  z.object({ retryStrategy: z.literal("fixedDelay"), maxRetryCount: z.int().min(-1), delayInterval: interval }),
  z.object({
    retryStrategy: z.literal("exponentialBackoff"),
    maxRetryCount: z.int().min(-1),
    minimumInterval: interval,
    maximumInterval: interval,
  }),
]);
type RetryOptions = z.infer<typeof retryOptions>;

/** What an attempt knows of those before it, in the words of the worker's contract. */
export interface RetryContext {
  readonly retryCount: number;
  readonly maxRetryCount: number;
  readonly exception?: { readonly message: string; readonly stackTrace: string };
}

/** Resolves after this time; to false when nothing is to be tried any more. */
export type Wait = (delayMs: number) => Promise<boolean>;

/**
 * Calls until a call succeeds or the retries of the function are used up, -1 meaning that they never are. Only triggers
 * without a caller are tried again: nobody waits for a timer.
 *
 * @param options - as registered; undefined for a function without retries
 * @throws what the last attempt threw
 */
export async function callWithRetries<Result>(
  options: unknown,
  call: (context: RetryContext | null) => Promise<Result>,
  wait: Wait,
): Promise<Result> {
  const { success, data: policy } = retryOptions.safeParse(options);
  if (!success) return call(null);
  const { maxRetryCount } = policy;
  let context: RetryContext = { retryCount: 0, maxRetryCount };
  for (;;) {
    try {
      return await call(context);
    } catch (error) {
      if (context.retryCount === maxRetryCount) throw error;
      if (!(await wait(delayMsOf(policy, context.retryCount)))) throw error;
      context = { retryCount: context.retryCount + 1, maxRetryCount, exception: exceptionOf(error) };
    }
  }
}

/** Before the retry that follows as many others. */
function delayMsOf(policy: RetryOptions, retries: number): number {
  if (policy.retryStrategy === "fixedDelay") return policy.delayInterval;
  return Math.min(policy.minimumInterval * 2 ** retries, policy.maximumInterval);
}

function exceptionOf(error: unknown): { message: string; stackTrace: string } {
  if (error instanceof Error) return { message: error.message, stackTrace: error.stack ?? "" };
  return { message: String(error), stackTrace: "" };
}
