export {
  checkDeployment,
  type DeploymentCheck,
  type DeploymentReport,
  type UnfinishableVersion,
} from "./check-deployment.ts";
export type { MissingPart } from "./missing.ts";
export { diffPlans, type PlanDiff } from "./plan-diff.ts";
