import { z } from "zod";
import { delivery } from "../wire/delivery.ts";
import { outcome } from "../wire/outcome.ts";

/** The orchestrator's clock when it handed out the superstep; the history keeps it nowhere else. */
const takenAtMs = z.number();

/** What an activity is called with: an object, since the host mangles bare values on their way. */
export const activityCall = delivery.extend({ takenAtMs });

/** What an activity returns. */
export const activityResult = outcome.extend({ takenAtMs });
export type ActivityResult = z.infer<typeof activityResult>;
