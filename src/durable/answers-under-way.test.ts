import { expect, it } from "vitest";
import { AnswersUnderWay } from "./answers-under-way.ts";

const never = () => Promise.reject(new Error("Nobody should look."));

it("refuses an answer when the one before it has closed the request", async () => {
  const answers = new AnswersUnderWay();
  const raised: string[] = [];
  const raise = (name: string, isClosed: () => Promise<boolean>) =>
    answers.raise("r", isClosed, async () => void raised.push(name));
  const closed = async () => true;
  expect(await Promise.all([raise("first", never), raise("second", closed), raise("third", closed)])).toEqual([
    true,
    false,
    false,
  ]);
  expect(raised).toEqual(["first"]);
  expect(await raise("later", closed)).toBe(false);
});

it("lets an answer pass when the one before it left the request open, or never arrived", async () => {
  const answers = new AnswersUnderWay();
  const broken = answers.raise("r", never, () => Promise.reject(new Error("storage is away")));
  const second = answers.raise("r", never, async () => {});
  await expect(broken).rejects.toThrow("storage is away");
  expect(await second).toBe(true);
  const third = answers.raise(
    "r",
    async () => false,
    async () => {},
  );
  expect(await third).toBe(true);
  expect(await answers.raise("another request", never, async () => {})).toBe(true);
});
