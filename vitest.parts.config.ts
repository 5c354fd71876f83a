import { defineConfig } from "vitest/config";

/** Parts of long suites, each a process of its own: test/support/parts.ts starts them. */
export default defineConfig({
  test: {
    include: ["test/**/*.part.ts"],
    testTimeout: 0,
    hookTimeout: 0,
  },
});
