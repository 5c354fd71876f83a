// Runs the built app on Azure Functions Core Tools, with Azurite as its storage: the real host, on this machine.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

const AZURITE = "azurite@3.37.0";
const AZURITE_PORTS = [10_000, 10_001, 10_002];
const AZURITE_START_SECONDS = 120;
const isWindows = process.platform === "win32";

if (spawnSync("func", ["--version"], { shell: isWindows, stdio: "ignore" }).status !== 0) {
  console.error(
    "Azure Functions Core Tools are not installed here: `func --version` does not answer. " +
      "Run `npm install` where its download can be reached, or use `npm start`, which needs no Core Tools.",
  );
  process.exit(1);
}

const azurite = (await isListening(10_000)) ? undefined : startAzurite();
await untilListening();

// The Durable client calls the host over loopback; a proxy of the machine must not get these calls.
const noProxy = ["127.0.0.1", "localhost", process.env.NO_PROXY].filter(Boolean).join(",");
const func = spawn("func", ["start", ...process.argv.slice(2)], {
  stdio: "inherit",
  shell: isWindows,
  env: { ...process.env, NO_PROXY: noProxy, no_proxy: noProxy },
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => func.kill(signal));
func.on("exit", (code) => {
  azurite?.kill();
  process.exit(code ?? 1);
});

function startAzurite(): ChildProcess {
  mkdirSync(".data/azurite", { recursive: true });
  console.log(`Starting ${AZURITE} on ports ${AZURITE_PORTS.join(", ")} …`);
  const child = spawn("npx", ["--yes", AZURITE, "--silent", "--location", ".data/azurite"], {
    stdio: ["ignore", "inherit", "inherit"],
    shell: isWindows,
  });
  child.once("exit", (code) => {
    if (code) console.error(`Azurite ended with exit code ${code}. Look at the lines above; are its ports free?`);
  });
  return child;
}

async function untilListening(): Promise<void> {
  for (let second = 0; second < AZURITE_START_SECONDS; second++) {
    if ((await Promise.all(AZURITE_PORTS.map(isListening))).every(Boolean)) return;
    await delay(1_000);
  }
  azurite?.kill();
  throw new Error(`Azurite did not listen within ${AZURITE_START_SECONDS} s. Start it by hand and try again.`);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
