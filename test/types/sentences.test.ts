import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/**
 * The files beside this one hold wrong programs under `@ts-expect-error`, each with the sentence it deserves. Here they are
 * compiled without the directives, and the last line of each message has to hold its sentence word for word.
 */

const root = fileURLToPath(new URL("../../", import.meta.url));
const DIRECTIVE = /^\s*\/\/ @ts-expect-error (.*)$/;
const OWN_WORDS = "the compiler's own words";

interface Wrong {
  readonly file: string;
  /** Of the directive, counted from 1; the error is on the next line of code. */
  readonly line: number;
  readonly sentence: string;
}

const files = readdirSync(join(root, "test/types")).filter((file) => file.endsWith(".ts") && !file.includes(".test."));
const sources = new Map(files.map((file) => [file, readFileSync(join(root, "test/types", file), "utf8")]));
const wrongs: Wrong[] = [...sources].flatMap(([file, source]) =>
  source.split("\n").flatMap((text, index) => {
    const sentence = DIRECTIVE.exec(text)?.[1];
    return sentence === undefined ? [] : [{ file, line: index + 1, sentence }];
  }),
);

let folder: string;
let messages: ReadonlyMap<string, string>;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sentences-"));
  for (const link of ["node_modules", "src"]) symlinkSync(join(root, link), join(folder, link));
  mkdirSync(join(folder, "test/types"), { recursive: true });
  for (const [file, source] of sources) {
    writeFileSync(join(folder, "test/types", file), source.replaceAll("@ts-expect-error", "wrong:"));
  }
  messages = compile(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The messages of one run of the compiler, by `file:line`. */
function compile(project: string): ReadonlyMap<string, string> {
  const { compilerOptions } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8"));
  const options = { ...compilerOptions, rootDir: undefined, outDir: undefined, noEmit: true, declaration: false };
  writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["test/types"] }));
  const found = new Map<string, string>();
  let place = "";
  for (const line of compilerOutput(project).split("\n")) {
    const start = /^test\/types\/([\w.-]+)\((\d+),\d+\): error TS\d+: (.*)$/.exec(line);
    if (start) place = `${start[1]}:${start[2]}`;
    if (start || line.startsWith(" ")) found.set(place, `${found.get(place) ?? ""}${start?.[3] ?? line}\n`);
    else if (line !== "") throw new Error(`The compiler says: ${line}`);
  }
  return found;
}

function compilerOutput(project: string): string {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  try {
    return execFileSync(process.execPath, [tsc, "-p", project, "--pretty", "false"], {
      cwd: project,
      encoding: "utf8",
    });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

/** The compiler prints the quotes within a sentence with a backslash. */
function lastLine(wrong: Wrong): string {
  const lines = sources.get(wrong.file)?.split("\n") ?? [];
  const next = lines.findIndex((text, index) => index >= wrong.line && !/^\s*\/\//.test(text));
  const message = messages.get(`${wrong.file}:${next + 1}`) ?? "no message";
  return (message.trimEnd().split("\n").at(-1) ?? "").replaceAll('\\"', '"');
}

describe("what the compiler says", () => {
  it("has no other message than those that are expected", () => {
    expect(messages.size).toBe(wrongs.length);
  });

  it.each(wrongs.filter(({ sentence }) => !sentence.startsWith(OWN_WORDS)))("$file:$line $sentence", (wrong) => {
    const { sentence } = wrong;
    const quoted = sentence.startsWith("Property ") ? sentence : `is not assignable to type '"${sentence}"'.`;
    expect(lastLine(wrong)).toContain(quoted);
  });
});
