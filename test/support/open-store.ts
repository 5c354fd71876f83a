// Run as a process of its own: opens the store named by the first argument and prints what came of it. With "die" it
// commits a message and kills itself while it holds the store.
import { openSqliteStore } from "../../src/host/store/sqlite.ts";

const [, , file = "", then] = process.argv;
try {
  const store = await openSqliteStore({ file });
  process.stdout.write("opened\n");
  if (then === "die") {
    store.commit([{ kind: "addMessage", row: { key: 1, seq: 1, executionId: "e", event: "{}" } }]);
    process.kill(process.pid, "SIGKILL");
  }
  store.close();
} catch (error) {
  process.stdout.write(`${(error as { code?: string }).code}\n`);
}
