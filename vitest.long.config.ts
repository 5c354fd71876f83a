import { defineConfig } from "vitest/config";

/** The long suites: `npm run test:long`. One after the other, since they measure, and each for as long as it takes. */
export default defineConfig({
  test: {
    include: ["test/**/*.long.ts"],
    fileParallelism: false,
    testTimeout: 0,
    hookTimeout: 0,
  },
});
