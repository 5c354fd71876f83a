import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";

const demo = fileURLToPath(new URL("../scripts/demo-agents.ts", import.meta.url));

describe("npm run demo:agents", () => {
  let printed: string;
  beforeAll(() => {
    printed = execFileSync(process.execPath, [demo], { encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } });
  }, 120_000);

  it("ends with the right answers, though the host was killed while a model thought", () => {
    expect(printed).toContain("The run ended as Completed\n  Physicist: Air scatters blue light more than red light.");
    expect(printed).toContain("Chemist: Nitrogen and oxygen take up no visible light, so they do not colour it.");
    expect(printed).toContain(
      'The run ended as Completed: {"published":true,"topic":"bees","text":"Bees fly.","revisions":1}',
    );
  });

  it("asks no agent again that had answered: one question more for each that was cut off", () => {
    const [, ledger = ""] = printed.split("Questions that the model was asked\n");
    expect(ledger.trim().split(/\s+/)).toEqual(["Physicist", "1", "Chemist", "2", "Writer", "2", "Reviewer", "3"]);
  });
});
