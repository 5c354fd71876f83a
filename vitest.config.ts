import { configDefaults, defineConfig } from "vitest/config";

const times = { testTimeout: 30_000, hookTimeout: 60_000 };
/** What cannot run without `__proto__`, each for a reason that stands in the file. */
const WITH_PROTO = "test/**/*.with-proto.test.ts";

/** Whatever reads or sets `__proto__` throws, in this library as in what it uses: a key of that name is never more than data. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...times,
          name: "tests",
          include: ["src/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, WITH_PROTO],
          execArgv: ["--disable-proto=throw"],
        },
      },
      { test: { ...times, name: "with __proto__", include: [WITH_PROTO] } },
    ],
  },
});
