import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const project = fileURLToPath(new URL("..", import.meta.url));
let folder: string;
let unpacked: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "package-"));
  const env = { ...process.env, npm_config_cache: join(folder, "cache") };
  const options = { cwd: project, env, encoding: "utf8" } as const;
  const packed = execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], options);
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  const modules = join(folder, "node_modules");
  mkdirSync(modules);
  execFileSync("tar", ["-xzf", join(folder, filename), "-C", modules]);
  const { name, dependencies } = JSON.parse(readFileSync(join(modules, "package", "package.json"), "utf8"));
  unpacked = join(modules, name);
  renameSync(join(modules, "package"), unpacked);
  for (const dependency of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, dependency)), { recursive: true });
    symlinkSync(join(project, "node_modules", dependency), join(modules, dependency));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const files = (): string[] =>
  (readdirSync(unpacked, { recursive: true }) as string[]).filter((path) => statSync(join(unpacked, path)).isFile());
/** What an app gets that asks for Application Insights, as Node finds the package or not. */
function startInsights(): string {
  const program = `const { startApplicationInsights } = await import("durable-workflows/azure");
    console.log(await startApplicationInsights({ APPLICATIONINSIGHTS_CONNECTION_STRING: "x" }));`;
  const args = ["--input-type=module", "--eval", program];
  return execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8", stdio: "pipe" }).trim();
}

const manifest = () => JSON.parse(readFileSync(join(unpacked, "package.json"), "utf8"));

/** What links of a page name, as paths in the package. */
function linked(page: string): string[] {
  const text = readFileSync(join(unpacked, page), "utf8").replaceAll(/^```[\s\S]*?^```/gm, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = ""]) => link.split("#", 1)[0] as string)
    .filter((link) => link !== "" && !/^[a-z]+:/.test(link))
    .map((link) => relative(unpacked, join(unpacked, dirname(page), link)));
}

describe("the package that npm packs", () => {
  it("has what every link of its pages names", () => {
    const pages = files().filter((path) => path.endsWith(".md"));
    expect(pages).toEqual(
      expect.arrayContaining(["README.md", "CONTRIBUTING.md", "docs/guide.md", "samples/README.md"]),
    );
    const dead = pages.flatMap((page) =>
      linked(page)
        .filter((path) => !existsSync(join(unpacked, path)))
        .map((path) => `${page} → ${path}`),
    );
    expect(dead).toEqual([]);
  });

  // npm packs `main`, whatever `files` says: so this project's own app is there, and `exports` lead nobody to it.
  it("has no tests, no maps, no workflows of this project and nothing of a machine", () => {
    const first = new Set(files().map((path) => path.split("/", 1)[0]));
    expect([...first].sort()).toEqual(
      ["CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "dist", "docs", "package.json", "samples"].sort(),
    );
    expect(
      files().filter((path) => /\.map$|\.test\.|^dist\/workflows|^dist\/functions\/app\.d|\.sqlite/.test(path)),
    ).toEqual([]);
    expect(manifest()).not.toHaveProperty(["scripts", "postinstall"]);
  });

  it("has every entry that it exports, with its types, and its command", () => {
    const targets = Object.values<string | Record<string, string>>(manifest().exports).flatMap((target) =>
      typeof target === "string" ? [target] : Object.values(target),
    );
    expect(targets.length).toBeGreaterThan(10);
    const missing = [...targets, manifest().bin["durable-workflows"]].filter(
      (target) => !existsSync(join(unpacked, target)),
    );
    expect(missing).toEqual([]);
  });

  it("runs with its dependencies alone: every entry but the one for a provider's library, and its command", () => {
    const entries = ["", "/agents", "/azure", "/client", "/deployment", "/testing"];
    const program = `for (const entry of ${JSON.stringify(entries)}) await import("durable-workflows" + entry);
      const { defineExecutor, runInProcess, WorkflowBuilder } = await import("durable-workflows");
      const { z } = await import("zod");
      const one = defineExecutor({ id: "One", input: z.number(), output: z.number(), handle: (n) => n + 1 });
      console.log(await (await runInProcess(new WorkflowBuilder("W", one).withOutputFrom(one).build(), 6)).output());`;
    const args = ["--input-type=module", "--eval", program];
    const options = { cwd: folder, encoding: "utf8" } as const;
    expect(execFileSync(process.execPath, args, options).trim()).toBe("7");
    expect(startInsights()).toBe("notInstalled");
    const stub = join(folder, "node_modules", "applicationinsights");
    mkdirSync(stub);
    writeFileSync(
      join(stub, "index.js"),
      "exports.useAzureMonitor = () => {}; exports.shutdownAzureMonitor = async () => {};",
    );
    expect(startInsights()).toBe("started");
    const help = execFileSync(process.execPath, [join(unpacked, "dist/host/main.js"), "--help"], options);
    expect(help).toContain("export RUN --move");
  });
});
