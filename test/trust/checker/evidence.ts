/** What was seen from outside while the hub ran, kept where no crash of the hub reaches it. */
export interface Evidence {
  /** What the hub acknowledged, in order. */
  readonly acknowledged: readonly Acknowledged[];
  /** What was asked for and not acknowledged, since the hub died or its disk was full: it may be on disk or not. */
  readonly unanswered: readonly Acknowledged[];
  /** Calls of activities, noted before user code ran. */
  readonly calls: readonly SeenCall[];
  /** How often the hub died. */
  readonly crashes: number;
  /** Instances whose earlier history is gone on purpose: by continue-as-new, rewind, purge, or another of the same id. */
  readonly cutShort: ReadonlySet<string>;
  /** Activities that nobody notes calls of. */
  readonly unnoted: ReadonlySet<string>;
  /** Open instances that may stay as they are: they wait for somebody outside. */
  readonly waiting: ReadonlySet<string>;
}

export type Acknowledged =
  | { readonly kind: "start"; readonly instanceId: string }
  | { readonly kind: "event"; readonly instanceId: string; readonly name: string; readonly dataJson: string | null }
  | { readonly kind: "terminate"; readonly instanceId: string };

export interface SeenCall {
  readonly instanceId: string;
  /** Name of the activity. */
  readonly name: string;
  readonly inputJson: string | null;
  /** Its scheduling was on disk when the call began. */
  readonly isScheduled: boolean;
}

export const NO_EVIDENCE: Evidence = {
  acknowledged: [],
  unanswered: [],
  calls: [],
  crashes: 0,
  cutShort: new Set(),
  unnoted: new Set(),
  waiting: new Set(),
};
