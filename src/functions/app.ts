import { fileURLToPath } from "node:url";
import { agents } from "../workflows/agents.ts";
import { catalog } from "../workflows/catalog.ts";
import { startApplicationInsights } from "./application-insights.ts";
import { readRecordedPlans } from "./recorded-plans.ts";
import { serveWorkflows } from "./serve-workflows.ts";

// The imports above are loaded by now, so none of them is watched; handlers load the library of their model at the first call.
await startApplicationInsights(process.env);

/** Of all files here, the host loads this one for its effect. Plans lie beside host.json. */
serveWorkflows({
  catalog,
  recordedPlans: readRecordedPlans(fileURLToPath(new URL("../../plans/", import.meta.url))),
  agents,
  mcp: { tools: [...catalog.workflows, ...agents] },
});
