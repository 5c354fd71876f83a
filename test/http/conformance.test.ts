import { createHttpRunner } from "../../src/client/index.ts";
import type { WorkflowRunner } from "../../src/index.ts";
import { conformance } from "../conformance/all-suites.ts";
import { runnerUnderTest } from "../conformance/runner-under-test.ts";
import { serveTestApp } from "./support.ts";

const api = serveTestApp("conformance");
// The host is there once the tests run, not when they are listed.
let runner: WorkflowRunner | undefined;
conformance(
  runnerUnderTest("over HTTP on the local host", () => {
    runner ??= createHttpRunner({ url: api.url });
    return runner;
  }),
);
