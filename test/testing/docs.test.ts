import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

it("docs/testing.md shows the examples of this folder as they are", () => {
  const shown = [...read("docs/testing.md").matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text]) => text);
  const files = ["approval", "mail", "review"].map((name) => read(`test/testing/${name}.test.ts`));
  expect(shown).toEqual(files);
});
