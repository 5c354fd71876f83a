// Run as a process of its own: opens the journal named by the first argument and prints what came of it. With "die" it
// commits a plan and kills itself while it holds the journal.
import { openSqliteJournal } from "../../src/inprocess/journal/sqlite.ts";

const [, , file = "", then] = process.argv;
try {
  const journal = await openSqliteJournal({ file });
  process.stdout.write("opened\n");
  if (then === "die") {
    journal.commit([{ kind: "addPlan", fingerprint: "0123456789abcdef", planJson: "{}" }]);
    process.kill(process.pid, "SIGKILL");
  }
  journal.close();
} catch (error) {
  process.stdout.write(`${(error as { code?: string }).code}\n`);
}
