import { serveWorkflows } from "../../../../../src/functions/serve-workflows.ts";
import { catalog } from "../../../../conformance/workflows.ts";

serveWorkflows({ catalog });
