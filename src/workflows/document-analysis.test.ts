import { describe, expect, it } from "vitest";
import { findKeyTerms, measureReadability, measureText } from "./document-analysis.ts";

const TEXT = `The harvest was late. Rain had kept the harvest crews indoors for weeks!

Would the crews finish before winter? Nobody knew.`;

describe("the measures of a document", () => {
  it("counts words, sentences and paragraphs, and says how long the reading takes", () => {
    expect(measureText(TEXT)).toEqual({ words: 21, sentences: 4, paragraphs: 2, readingMinutes: 0.1 });
  });

  it("rates short words in short sentences as easy", () => {
    expect(measureReadability("The cat sat. The dog ran.")).toEqual({ readingEase: 119.2, gradeLevel: -2.6 });
  });

  it("rates long words as hard", () => {
    expect(measureReadability("Organisational responsibilities necessitate interdepartmental communication.")).toEqual({
      readingEase: -255.1,
      gradeLevel: 50.1,
    });
  });

  it("finds the most frequent words, without stop words and short ones", () => {
    expect(findKeyTerms(TEXT, 3)).toEqual([
      { term: "crews", count: 2 },
      { term: "harvest", count: 2 },
      { term: "finish", count: 1 },
    ]);
  });

  it("gives zeros for a text without words", () => {
    expect(measureText("…")).toEqual({ words: 0, sentences: 0, paragraphs: 1, readingMinutes: 0 });
    expect(findKeyTerms("…", 3)).toEqual([]);
  });
});
