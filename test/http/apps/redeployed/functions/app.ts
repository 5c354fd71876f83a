import { readRecordedPlans } from "../../../../../src/functions/recorded-plans.ts";
import { serveWorkflows } from "../../../../../src/functions/serve-workflows.ts";
import { type Build, builds } from "../../builds.ts";

const { BUILD = "", PLANS = "" } = process.env;

serveWorkflows({ catalog: builds[BUILD as Build], recordedPlans: readRecordedPlans(PLANS) });
