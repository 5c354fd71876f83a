import type { JsonText } from "../wire/json.ts";

const QUOTE = '"';

/**
 * The items of a list, each as JSON text; undefined for what is no list. The text is cut and not parsed: an item stays as it
 * was written, and a long list costs one walk over its text.
 *
 * @param listJson - as `JSON.stringify` writes it, or with white space
 */
export function itemsIn(listJson: JsonText): JsonText[] | undefined {
  const text = listJson.trim();
  if (!text.startsWith("[")) return undefined;
  const items: JsonText[] = [];
  let depth = 0;
  let start = 1;
  for (let place = 0; place < text.length; place++) {
    const character = text[place];
    if (character === QUOTE) place = endOfText(text, place);
    else if (character === "[" || character === "{") depth++;
    else if (character === "]" || character === "}") depth--;
    const isEnd = depth === 0;
    if (!isEnd && (depth > 1 || character !== ",")) continue;
    const item = text.slice(start, place).trim();
    if (item !== "") items.push(item);
    start = place + 1;
  }
  return items;
}

/** The place of the quote that ends a text. */
function endOfText(text: string, start: number): number {
  for (let place = start + 1; place < text.length; place++) {
    if (text[place] === "\\") place++;
    else if (text[place] === QUOTE) return place;
  }
  return text.length;
}
