/** The executors and ports of an agent's graph, by their ids. Tools have their own names, so none may have one of these. */
export const ids = {
  turn: "Turn",
  nextTurn: "NextTurn",
  toolFailed: "ToolFailed",
  goOn: "GoOn",
  answerOf: (tool: string) => `${tool}_answer`,
  approvalOf: (tool: string) => `approve_${tool}`,
} as const;
