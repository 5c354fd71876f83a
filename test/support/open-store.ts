// Run as a process of its own: opens the store named by the first argument and prints what came of it. With "die" it
// commits a message and kills itself while it holds the store; with "hold" it keeps the store and commits a message for
// each line it reads.
import { createInterface } from "node:readline";
import { openSqliteStore } from "../../src/host/store/sqlite.ts";

const [, , file = "", then] = process.argv;
try {
  const store = await openSqliteStore({ file });
  process.stdout.write("opened\n");
  const commit = (seq: number) =>
    store.commit([{ kind: "addMessage", row: { key: 1, seq, executionId: "e", event: "{}" } }]);
  if (then === "die") {
    commit(1);
    process.kill(process.pid, "SIGKILL");
  }
  if (then === "hold") {
    let seq = 0;
    for await (const _line of createInterface(process.stdin)) {
      seq += 1;
      commit(seq);
      process.stdout.write("written\n");
    }
  }
  store.close();
} catch (error) {
  process.stdout.write(`${(error as { code?: string }).code}\n`);
}
