import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cancelStoredOrder, findOrder } from "./order-book.ts";
import { sendToOutbox } from "./outbox.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "order-book-"));
  process.env.APP_DATA_DIR = folder;
});
afterEach(() => {
  delete process.env.APP_DATA_DIR;
  rmSync(folder, { recursive: true, force: true });
});

/** What each of the processes does. */
const CANCEL = `
  const { cancelStoredOrder } = await import(${JSON.stringify(new URL("order-book.ts", import.meta.url).href)});
  await Promise.all(process.env.ORDERS.split(",").map((id) => cancelStoredOrder(id, process.env.REASON)));
`;

const today = () => new Date().toISOString().slice(0, 10);

describe("the order book", () => {
  it("begins with the orders the app ships with", async () => {
    expect(await findOrder("12345")).toEqual({
      id: "12345",
      orderedOn: "2026-11-22",
      total: 129.9,
      customer: { name: "Jerry", email: "jerry@example.com" },
      cancellation: null,
    });
  });

  it("stores a cancellation", async () => {
    await cancelStoredOrder("12345", "Too late");
    expect((await findOrder("12345")).cancellation).toEqual({ cancelledOn: today(), reason: "Too late" });
  });

  it("cancels an order once: a second cancellation changes nothing", async () => {
    await cancelStoredOrder("12345", "Too late");
    const again = await cancelStoredOrder("12345", "Another reason");
    expect(again.cancellation).toEqual({ cancelledOn: today(), reason: "Too late" });
  });

  it("keeps every one of many cancellations at the same time, and of each order the first", async () => {
    const cancelled = await Promise.all(
      ["12345", "12346", "12345", "12347"].map((id, place) => cancelStoredOrder(id, `Reason ${place}`)),
    );
    const [first, , again] = cancelled.map(({ cancellation }) => cancellation?.reason);
    expect(again).toBe(first);
    for (const { id, cancellation } of cancelled) expect((await findOrder(id)).cancellation).toEqual(cancellation);
    expect(readdirSync(join(folder, "cancellations")).sort()).toEqual(["12345.json", "12346.json", "12347.json"]);
  });

  it("keeps the cancellations of several processes", async () => {
    const orders = ["12345", "12346", "12347", "12348"];
    const cancel = (reason: string) =>
      promisify(execFile)(process.execPath, ["--disable-warning=ExperimentalWarning", "-e", CANCEL], {
        env: { ...process.env, APP_DATA_DIR: folder, ORDERS: orders.join(), REASON: reason },
      });
    await Promise.all(["one", "two", "three"].map(cancel));
    for (const id of orders) {
      expect(["one", "two", "three"]).toContain((await findOrder(id)).cancellation?.reason);
    }
    expect(readdirSync(join(folder, "cancellations"))).toHaveLength(4);
  });

  it("says which order it does not have", async () => {
    await expect(cancelStoredOrder("99999", "Too late")).rejects.toMatchObject({
      code: "ORDER_NOT_FOUND",
      message: 'There is no order "99999". Ask the customer for the number on the invoice.',
    });
  });
});

describe("the outbox", () => {
  const outbox = () => readdirSync(join(folder, "outbox"));
  const email = { to: "jerry@example.com", subject: "First", body: "…" };

  it("keeps one e-mail however often the same call sends it", async () => {
    await sendToOutbox("run-1-SendEmail-3-0", email);
    await sendToOutbox("run-1-SendEmail-3-0", { ...email, subject: "Second" });
    const [file = "", ...more] = outbox();
    expect(more).toEqual([]);
    expect(JSON.parse(readFileSync(join(folder, "outbox", file), "utf8"))).toEqual({
      id: "run-1-SendEmail-3-0",
      to: "jerry@example.com",
      subject: "First",
      body: "…",
    });
  });

  it("takes an id that is no file name", async () => {
    await sendToOutbox(`../${"漢".repeat(100)}`, email);
    expect(outbox().length).toBe(1);
  });
});
