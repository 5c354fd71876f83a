/** Where the SDK and the extension count or decide differently. The host does as the extension does, and says so. */
export const TRAPS = {
  retryInAll:
    "a member of Task.all failed while another one that retries was open. The SDK goes on at once, the extension when all " +
    "have settled, so that ids can part and a result can get lost. Let members return failures, or retry outside of Task.all.",
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
} as const;

export type Trap = keyof typeof TRAPS;
