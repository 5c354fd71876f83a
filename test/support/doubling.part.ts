import { it } from "vitest";
import type { DoublingWork } from "./doubling-work.ts";
import { partOfEnvironment } from "./parts.ts";

it("doubles a number, or dies", () => {
  const { work, done } = partOfEnvironment<DoublingWork, number>();
  if (work.dies) process.kill(process.pid, "SIGKILL");
  done(2 * work.value);
});
