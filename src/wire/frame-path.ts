/**
 * Where a call is in a run. A sub-workflow runs in a frame of its own; the path of a frame names the calls that lead there,
 * outermost first, each by the id of its node and a number: `Child~1`, `Child~1~Inner~3`. Names cannot hold a `~`, so paths
 * are never mistaken for ids, and they need no escaping in URLs.
 */

/** The path of the graph a run was started with. */
export const TOP = "";

const SEPARATOR = "~";

/** A name that is unique within a frame, made unique within the run. */
export function within(frame: string, name: string): string {
  return frame === TOP ? name : `${frame}${SEPARATOR}${name}`;
}

/** The path of the frame that a call of a sub-workflow opens. */
export function framePath(frame: string, nodeId: string, number: number): string {
  return `${within(frame, nodeId)}${SEPARATOR}${number}`;
}

/** Ids of the nodes that lead to a frame, outermost first. */
export function nodesOn(frame: string): string[] {
  return frame === TOP ? [] : frame.split(SEPARATOR).filter((_part, index) => index % 2 === 0);
}

/** The frame from which a frame was opened. */
export function frameAround(frame: string): string {
  return frame.split(SEPARATOR).slice(0, -2).join(SEPARATOR);
}

/** Where an executor stands in the plan, in whichever frame it is called: `Child~Inner`. */
export function placeOf(frame: string, executorId: string): string {
  return frame === TOP ? executorId : [...nodesOn(frame), executorId].join(SEPARATOR);
}

/** The frame in which a call was made, from its key. */
export function frameOfCall(callKey: string): string {
  return callKey.slice(0, Math.max(0, callKey.lastIndexOf(SEPARATOR)));
}

/** Whether a frame is this one, or was opened from within it. */
export function isWithin(frame: string, outer: string): boolean {
  return frame === outer || outer === TOP || frame.startsWith(`${outer}${SEPARATOR}`);
}
