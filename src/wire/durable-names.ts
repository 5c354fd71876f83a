/**
 * The names that a workflow and its parts have on a durable host. Monitors show executors by them, and all functions of an
 * app share one registry that does not look at case.
 */

/** `dafx-{workflow}` */
export function orchestratorName(workflow: string): string {
  return `dafx-${workflow}`;
}

/** `dafx-agent-{agent}`: the conversations with an agent. Names have no hyphen, so no activity is called so. */
export function threadEntityName(agent: string): string {
  return `dafx-agent-${agent}`;
}

const TURN = "dafx-agent-turn-";

/** `dafx-agent-turn-{agent}`: one turn in a conversation */
export function turnOrchestratorName(agent: string): string {
  return `${TURN}${agent}`;
}

/** Whose turns an orchestrator takes; undefined for one that takes none. No workflow is called so: names have no hyphen. */
export function agentOfTurns(orchestrator: string): string | undefined {
  return orchestrator.toLowerCase().startsWith(TURN) ? orchestrator.slice(TURN.length) : undefined;
}

/** The activity that looks whether the run which has its turn in a thread is lost. No agent is called so: names have no hyphen. */
export const LOST_TURN_ACTIVITY = "dafx-agent-turns-lost";

/** `dafx-{workflow}-{executor}`: an executor or a request port */
export function activityName(workflow: string, executor: string): string {
  return `dafx-${workflow}-${executor}`;
}

/** `dafx-events`: the entities that archive the run events of long runs. No workflow may be called `events`. */
export const ARCHIVE_ENTITY = "dafx-events";

/** The activity that writes to them. */
export const ARCHIVE_ACTIVITY = "dafx-events-archive";
