/** Where the SDK and the extension count or decide differently. The host does as the extension does, and says so. */
export const TRAPS = {
  retryInAll:
    "a member of Task.all failed while another one that retries was open. The SDK goes on at once, the extension when all " +
    "have settled, so that ids can part and a result can get lost. Let members return failures, or retry outside of Task.all.",
  failureInAll:
    "a member of Task.all failed while others were open. The SDK goes on at once, but what it asks for begins only when all " +
    "have ended. Let members return failures.",
  retryInAny:
    "Task.any was decided while a member that retries was open. The instance ends only when that one has settled too.",
  pollNumbering:
    "something was scheduled while callHttp waited to ask again. The SDK had numbered the next request already, the " +
    "extension had not: ids have parted, and results go to the wrong tasks. Use enablePolling: false, or an activity.",
  longTimerCancelled:
    "a timer longer than the longest one of the storage was cancelled. Histories and ids can part; wait again in legs of " +
    "less than a day.",
  childTerminated:
    "a sub-orchestration was terminated. The SDK cannot read that failure, so the parent fails whatever it catches. Let " +
    "the child end by itself.",
  retryTimeout:
    "a call with retries ran into its retryTimeoutInMilliseconds. The SDK waits for a timer that the extension does not " +
    "make: the instance hangs. Leave that option out.",
  eventCase:
    "an external event came for a wait whose name differs in case. The extension ends the wait, the SDK does not know the " +
    "event: the instance hangs. Write the name alike.",
  eventsDropped:
    "continueAsNew was called while events were there that nobody had waited for. They are lost. Wait once more for each " +
    "name, against a timer that is due at once, before continueAsNew.",
  eventsDoubled:
    "continueAsNew carries events over that the SDK had taken in before: the extension, which runs ahead of a cancelled timer, " +
    "came to continueAsNew earlier. The next generation gets them again. Wait once against a timer before continueAsNew, not " +
    "in a loop.",
  textQuoted:
    "continueAsNew was given a text. Both SDK and extension quote it, so the next generation gets it with quotes. Give it an object.",
  idsParted:
    "the SDK and the extension have numbered its tasks differently, so that results can go to the wrong tasks. Another " +
    "warning about this orchestrator says why; without one, look for a task that was yielded twice in Task.any or Task.all.",
} as const;

export type Trap = keyof typeof TRAPS;
