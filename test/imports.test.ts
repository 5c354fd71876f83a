import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/**
 * Who may import whom. `docs/architecture.md` shows the same table; a row imports from rows named in it, never from one
 * that is not. Packages: `zod` and the Standard Schema types are open to all.
 */
interface Rule {
  readonly folders: readonly string[];
  readonly packages: readonly string[];
}

const CORE = ["wire", "errors"];
const RULES: Readonly<Record<string, Rule>> = {
  errors: { folders: [], packages: [] },
  wire: { folders: ["errors"], packages: ["node:crypto"] },
  config: { folders: CORE, packages: [] },
  graph: { folders: CORE, packages: ["node:process"] },
  engine: { folders: ["graph", ...CORE], packages: [] },
  // What speaks to a provider stays in `agents/models`, see below.
  agents: { folders: ["graph", ...CORE], packages: ["ai", "@ai-sdk/openai", "@ai-sdk/azure", "node:timers/promises"] },
  // Files of rows that are on disk and have one owner: under the journal and the store of the local host.
  storage: { folders: ["errors"], packages: ["node:fs", "node:os", "node:path", "node:sqlite", "node:zlib"] },
  // The way of what calls tell while they go on: under both shells, and under the doors.
  updates: { folders: ["engine", ...CORE], packages: [] },
  // SQLite for `inprocess/journal` alone, see below.
  inprocess: { folders: ["updates", "storage", "engine", "graph", ...CORE], packages: ["node:crypto", "node:sqlite"] },
  // Runs that go on somewhere else: what the runners over a task hub and over HTTP have in common.
  remote: { folders: ["engine", "graph", ...CORE], packages: [] },
  // Programs that only call a host: nothing of Azure and nothing of a shell may come in here.
  client: { folders: ["remote", "engine", "graph", ...CORE], packages: [] },
  // Asks a host over HTTP, and a build by its code.
  deployment: { folders: ["client", "engine", "graph", ...CORE], packages: [] },
  // For tests of users: the in-process runner with a script around it.
  testing: { folders: ["inprocess", "graph", ...CORE], packages: [] },
  durable: {
    folders: ["updates", "remote", "engine", "graph", ...CORE],
    packages: ["durable-functions", "@azure/functions", "node:crypto"],
  },
  workflows: {
    folders: ["agents", "graph", ...CORE],
    packages: ["node:crypto", "node:fs", "node:fs/promises", "node:path", "node:url"],
  },
  functions: {
    folders: ["workflows", "agents", "config", "durable", "updates", "remote", "engine", "graph", ...CORE],
    packages: ["@azure/functions", "node:fs", "node:path", "node:url", "node:crypto"],
  },
  host: { folders: ["storage", "errors"], packages: ["node:*"] },
  index: { folders: ["inprocess", "graph", ...CORE], packages: [] },
};

/**
 * Files that alone may touch a package their folder names. `durable/sdk.ts` is the port to the Durable Functions SDK, whose
 * client binding is an input of a function: so it needs the types of `@azure/functions` for that, and no other file of
 * `durable` does.
 */
const ONLY_IN: Readonly<Record<string, RegExp>> = {
  ai: /^src\/agents\/models\//,
  "@ai-sdk/openai": /^src\/agents\/models\//,
  "@ai-sdk/azure": /^src\/agents\/models\//,
  "node:sqlite": /^src\/(host\/store|inprocess\/journal|storage)\//,
  "node:http": /^src\/host\/(http|app)\//,
  "durable-functions": /^src\/durable\/sdk\.ts$/,
  "@azure/functions": /^src\/(functions\/|durable\/sdk\.ts$)/,
};

const OPEN_TO_ALL = ["zod", "@standard-schema/spec"];
const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

interface Import {
  readonly file: string;
  readonly from: string;
  readonly specifier: string;
  readonly isType: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8");
  const pattern =
    /(?:^|\n)\s*(?:import|export)\b[^"';]*?\bfrom\s*"([^"]+)"|\bimport\s*\(\s*"([^"]+)"|(?:^|\n)\s*import\s*"([^"]+)"/g;
  return [...text.matchAll(pattern)].map((match) => ({
    file,
    from: folderOf(file),
    specifier: match[1] ?? match[2] ?? match[3] ?? "",
    isType: /^\s*(?:import|export) type\b/.test(match[0]),
  }));
}

function folderOf(file: string): string {
  const [, first = ""] = file.split("/");
  return first.replace(/\.ts$/, "");
}

function targetFile(file: string, specifier: string): string {
  return relative(root, resolve(root, dirname(file), specifier)).replaceAll("\\", "/");
}

function targetFolder({ file, specifier }: Import): string {
  return folderOf(targetFile(file, specifier));
}

const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .map((file) => `src/${file.replaceAll("\\", "/")}`)
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
const imports = sources.flatMap(importsOf);

function isAllowed(one: Import): boolean {
  const rule = RULES[one.from];
  if (!rule) return false;
  if (one.specifier.startsWith(".")) {
    const target = targetFolder(one);
    return target === one.from || rule.folders.includes(target);
  }
  if (ONLY_IN[one.specifier] && !ONLY_IN[one.specifier]?.test(one.file)) return false;
  const isNode = builtinModules.includes(one.specifier.replace(/^node:/, "")) || one.specifier === "node:sqlite";
  return (
    OPEN_TO_ALL.includes(one.specifier) ||
    rule.packages.includes(one.specifier) ||
    (isNode && rule.packages.includes("node:*"))
  );
}

const written = (one: Import) => `${one.file} imports ${one.specifier}`;

describe("who may import whom", () => {
  it("reads every source file", () => {
    expect(sources.length).toBeGreaterThan(40);
    expect(imports.length).toBeGreaterThan(100);
  });

  it("holds in every file: folders import only from the folders and packages named for them", () => {
    expect(imports.filter((one) => !isAllowed(one)).map(written)).toEqual([]);
  });

  it("takes by name from @azure/functions only what Node 22 finds in it, or the app does not load there", () => {
    const byName = sources.flatMap((file) => {
      const text = readFileSync(join(root, file), "utf8");
      const lists = [...text.matchAll(/^import \{([^}]*)\} from "@azure\/functions";$/gm)].map(([, list = ""]) => list);
      return lists.flatMap((list) => list.split(",")).map((name) => name.trim());
    });
    expect(new Set(byName.filter((name) => name !== "" && !name.startsWith("type ")))).toEqual(new Set(["app"]));
  });

  it("leaves no cycle between files", () => {
    const edges = new Map<string, string[]>();
    for (const one of imports.filter(({ specifier }) => specifier.startsWith("."))) {
      const target = targetFile(one.file, one.specifier);
      edges.set(one.file, [...(edges.get(one.file) ?? []), target]);
    }
    expect(firstCycle(edges)).toEqual([]);
  });

  it("keeps clock, randomness, timers and environment out of the engine, and of every file that an orchestrator runs", () => {
    const inOrchestrator = loadedBy("src/durable/orchestrator.ts");
    expect(inOrchestrator).toEqual(
      expect.arrayContaining(
        ["call", "custom-status", "mail", "run-result", "turn", "waiters"].map((name) => `src/durable/${name}.ts`),
      ),
    );
    const pure = sources.filter(
      (file) => /^src\/engine\/(?!invoke)|^src\/host\/hub\/replay/.test(file) || inOrchestrator.includes(file),
    );
    const impure =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\brandomBytes\b|\brandomUUID\b|\bset(Timeout|Interval|Immediate)\b|\bperformance\b|\bprocess\b|\bfetch\(/;
    expect(pure.filter((file) => impure.test(codeOf(file)))).toEqual([]);
  });

  it("reads the environment where an app or a host starts, and in the settings of the served workflows", () => {
    expect(sources.filter((file) => /\bprocess\.env\b/.test(codeOf(file))).sort()).toEqual([
      "src/functions/app.ts",
      "src/functions/mcp/serve-tools.ts",
      "src/functions/serve-workflows.ts",
      "src/host/commands.ts",
      "src/host/local-host.ts",
      "src/workflows/config.ts",
    ]);
  });

  it("lets samples and benches use only what the library exports", () => {
    const outside = ["samples", "bench"].flatMap((folder) =>
      readdirSync(join(root, folder), { encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .flatMap((file) => importsOf(`${folder}/${file}`)),
    );
    expect(outside.filter(({ specifier }) => specifier.includes("../src")).map(written)).toEqual([]);
  });
});

/** The file and all that is loaded with it; what is imported for its types alone is not there at run time. */
function loadedBy(file: string): string[] {
  const loaded = new Set<string>();
  const visit = (one: string) => {
    if (loaded.has(one)) return;
    loaded.add(one);
    for (const { specifier, isType } of importsOf(one)) {
      if (specifier.startsWith(".") && !isType) visit(targetFile(one, specifier));
    }
  };
  visit(file);
  return [...loaded];
}

/** The text of a file without its comments. */
function codeOf(file: string): string {
  return readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
}

function firstCycle(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const next of edges.get(file) ?? []) {
      const cycle = visit(next, [...path, file]);
      if (cycle.length > 0) return cycle;
    }
    done.add(file);
    return [];
  };
  for (const file of edges.keys()) {
    const cycle = visit(file, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
