import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { entryFiles } from "./load-app.ts";

const folder = mkdtempSync(join(tmpdir(), "entry-files-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

mkdirSync(join(folder, "dist/functions/deep"), { recursive: true });
for (const file of [
  "index.js",
  "functions/b.js",
  "functions/a.js",
  "functions/a.js.map",
  "functions/deep/c.js",
  "functions/.d.js",
]) {
  writeFileSync(join(folder, "dist", file), "");
}

function filesFor(main: string | undefined): string[] {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", ...(main ? { main } : {}) }));
  return entryFiles(folder).files.map((file) => file.slice(folder.length + 1));
}

describe("main of package.json", () => {
  it.each([
    ["dist/index.js", ["dist/index.js"]],
    ["./dist/functions/*.js", ["dist/functions/a.js", "dist/functions/b.js"]],
    ["dist/functions/a*.js", ["dist/functions/a.js"]],
    ["dist/{index.js,functions/*.js}", ["dist/functions/a.js", "dist/functions/b.js", "dist/index.js"]],
    ["dist/functions/**/*.js", ["dist/functions/a.js", "dist/functions/b.js", "dist/functions/deep/c.js"]],
  ])("%s names the files to load", (main, files) => {
    expect(filesFor(main)).toEqual(files);
  });

  it("is refused when no file matches, and when it is missing", () => {
    expect(() => filesFor("src/*.js")).toThrow('is "src/*.js", and no file matches it. Build the app');
    expect(() => filesFor("dist/*.mjs")).toThrow("and no file matches it. Build the app");
    expect(() => filesFor("dist/none.js")).toThrow("and no file matches it. Build the app");
    expect(() => filesFor(undefined)).toThrow('has no "main"');
    expect(() => entryFiles(join(folder, "dist"))).toThrow("package.json does not exist");
  });
});
