// Installs the dependencies when there are none, or when they are older than the lock file. Runs before everything else,
// on whatever Node the machine has, so it is plain JavaScript and uses nothing that has to be installed.
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { delimiter, join } from "node:path";

const changedAt = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

if (changedAt(join("node_modules", ".package-lock.json")) < changedAt("package-lock.json")) {
  console.log("Installing the dependencies of package-lock.json (npm ci) …");
  const { status } = spawnSync("npm", ["ci", "--no-progress"], {
    stdio: "inherit",
    shell: process.platform === "win32",
    env: { ...process.env, PATH: withoutLocalBinaries(process.env.PATH ?? "") },
  });
  process.exit(status ?? 1);
}

/** `npm ci` deletes node_modules with the Node in it, so it has to run on the machine's own. */
function withoutLocalBinaries(path) {
  const isLocal = (folder) => folder.endsWith(join("node_modules", ".bin"));
  return path
    .split(delimiter)
    .filter((folder) => !isLocal(folder))
    .join(delimiter);
}
