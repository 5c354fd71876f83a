/** Measures of a text in English. Pure functions; words are runs of letters, digits and inner apostrophes. */

export interface TextStatistics {
  readonly words: number;
  readonly sentences: number;
  readonly paragraphs: number;
  readonly readingMinutes: number;
}

const WORDS_READ_IN_A_MINUTE = 238;

export function measureText(text: string): TextStatistics {
  const words = wordsOf(text).length;
  return {
    words,
    sentences: sentencesOf(text).length,
    paragraphs: text.split(/\n\s*\n/).filter((paragraph) => paragraph.trim() !== "").length,
    readingMinutes: round(words / WORDS_READ_IN_A_MINUTE, 1),
  };
}

export interface Readability {
  /** Flesch reading ease: 100 is very easy, 0 very hard; it can leave that range. */
  readonly readingEase: number;
  /** Flesch–Kincaid: years of school needed. */
  readonly gradeLevel: number;
}

/** Flesch reading ease and Flesch–Kincaid grade, with syllables counted as groups of vowels. */
export function measureReadability(text: string): Readability {
  const words = wordsOf(text);
  const sentences = Math.max(1, sentencesOf(text).length);
  const wordsPerSentence = words.length / sentences;
  const syllablesPerWord = words.reduce((sum, word) => sum + syllablesOf(word), 0) / Math.max(1, words.length);
  return {
    readingEase: round(206.835 - 1.015 * wordsPerSentence - 84.6 * syllablesPerWord, 1),
    gradeLevel: round(0.39 * wordsPerSentence + 11.8 * syllablesPerWord - 15.59, 1),
  };
}

export interface KeyTerm {
  readonly term: string;
  readonly count: number;
}

/** The most frequent words of four letters and more that are not stop words: at most `most`, then in alphabetical order. */
export function findKeyTerms(text: string, most: number): KeyTerm[] {
  const counts = new Map<string, number>();
  for (const word of wordsOf(text).map((one) => one.toLowerCase())) {
    if (word.length >= 4 && !STOP_WORDS.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts]
    .map(([term, count]) => ({ term, count }))
    .sort((a, b) => b.count - a.count || (a.term < b.term ? -1 : 1))
    .slice(0, most);
}

const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    "about above after again against also although among because been before being below between both cannot could does doing down during each every from further have having here " +
    "into itself just like made make many more most much must only other ours over same shall should since some such than that their them then there these they this those through " +
    "thus under until upon very were what when where whether which while will with within without would your yours"
  ).split(" "),
);

function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*/gu) ?? [];
}

function sentencesOf(text: string): string[] {
  return text.split(/[.!?]+(?:\s|$)/).filter((sentence) => wordsOf(sentence).length > 0);
}

function syllablesOf(word: string): number {
  const groups = word.toLowerCase().match(/[aeiouy]+/g)?.length ?? 0;
  const hasSilentE = groups > 1 && /[^aeiouyl]e$/i.test(word);
  return Math.max(1, groups - (hasSilentE ? 1 : 0));
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
