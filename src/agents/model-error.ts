import { WorkflowError } from "../errors.ts";

/** What a provider answered instead of an answer of its model, as far as it is known. */
export interface ProviderFailure {
  /** The model, as people know it. */
  readonly model: string;
  /** HTTP status; undefined when there was no answer at all. */
  readonly status: number | undefined;
  readonly message: string;
  /** The provider's error; its headers may say when to come back. */
  readonly cause: unknown;
}

/** The failure of a model call, told by what the provider's status means for another attempt. */
export function modelError({ model, status, message, cause }: ProviderFailure): WorkflowError {
  const told = message.slice(0, 500);
  if (status === undefined) {
    return new WorkflowError(
      "MODEL_UNAVAILABLE",
      `${model} could not be reached: ${told}.`,
      "Another attempt may get through.",
      {
        cause,
      },
    );
  }
  if (status === 429) {
    return new WorkflowError("MODEL_RATE_LIMITED", `${model} has had too many calls: ${told}.`, WAIT, { cause });
  }
  if (status >= 500 || status === 408 || status === 409) {
    const whatIsWrong = `${model} answered ${status}: ${told}.`;
    return new WorkflowError("MODEL_UNAVAILABLE", whatIsWrong, "Another attempt may get through.", { cause });
  }
  const whatIsWrong = `${model} refused the call with ${status}: ${told}.`;
  return new WorkflowError("MODEL_CALL_REFUSED", whatIsWrong, "Look at key, model and request.", { cause });
}

const WAIT = "Wait as long as it asks for, or send fewer calls at once.";
