import { readEvents } from "../../../src/durable/events.ts";
import type { Instances } from "../../../src/durable/sdk.ts";
import type { WorkflowNode } from "../../../src/graph/runtime.ts";
import type { RunEvent } from "../../../src/wire/run-event.ts";

/** All events of a run so far, page by page. */
export async function allEvents(instances: Instances, workflow: WorkflowNode, runId: string): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for (;;) {
    const page = await readEvents(instances, workflow, runId, events.at(-1)?.number);
    events.push(...page.events);
    if (page.hasEnded || page.events.length === 0) return events;
  }
}
