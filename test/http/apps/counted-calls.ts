/** Calls of the counting executor in this process, by input: an app of a test counts, the test looks. */
export const countedCalls = new Map<string, number>();
