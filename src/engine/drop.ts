import type { JsonText } from "../wire/json.ts";
import type { RecordedEvent } from "../wire/run-event.ts";
import { type Draft, inFrame, record } from "./draft.ts";

export type DropReason = Extract<RecordedEvent, { type: "messageDropped" }>["reason"];

/** Records a message that goes nowhere: none is lost in silence. */
export function drop(
  draft: Draft,
  frame: string | undefined,
  sender: string,
  message: JsonText,
  reason: DropReason,
): void {
  draft.state.messagesDropped += 1;
  record(draft, { type: "messageDropped", ...inFrame(frame), executorId: sender, message, reason });
}
