import { TRAPS, type Trap } from "./replay/traps.ts";
import type { HubLog } from "./task-hub.ts";

/** Each trap is told once for each orchestrator. */
export function trapLog(log: HubLog): (orchestrator: string, trap: Trap) => void {
  const told = new Set<string>();
  return (orchestrator, trap) => {
    const key = `${trap} ${orchestrator.toLowerCase()}`;
    if (told.has(key)) return;
    told.add(key);
    log("warning", `Orchestrator "${orchestrator}": ${TRAPS[trap]}`);
  };
}
