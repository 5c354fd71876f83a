// Records a history of every scenario of test/replay/scenarios.ts with this version, for later ones to replay:
//   npm run histories                 what is recorded already stays as it is
//   npm run histories -- --replace    records all of this version anew; never for a version that is out
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
const mode = process.argv.includes("--replace") ? "replace" : "add";
const { status } = spawnSync(process.execPath, [vitest, "run", "test/replay/golden.test.ts"], {
  cwd: fileURLToPath(new URL("..", import.meta.url)),
  stdio: "inherit",
  env: { ...process.env, RECORD_HISTORIES: mode },
});
process.exitCode = status ?? 1;
