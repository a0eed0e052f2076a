/**
 * Exact wording first: when a query names a part number, an error code or hardly anything but one surname, passages that
 * hold it word for word go ahead of passages that are merely close in meaning (embedders miss such strings).
 */
import { contentTerms, indexTerms } from "./text/terms.ts";

/** What a passage must hold to go first; empty when the query asks for nothing exact. */
export function exactTerms(query: string): string[] {
  const terms = contentTerms(query.normalize("NFKC"));
  const identifiers = terms.filter((term) => term.kind === "identifier").map((term) => term.key);
  if (identifiers.length > 0) return [...new Set(identifiers)];
  const spaced = terms.filter((term) => term.kind !== "pair");
  // One or two words are a keyword query: whoever types only "Kowalczyk" wants passages with that name in them.
  return spaced.length === terms.length && terms.length <= 2 ? [...new Set(terms.map((term) => term.key))] : [];
}

/** Stable: passages with more of the exact terms first, otherwise the order stays. */
export function putExactFirst<Item>(items: readonly Item[], query: string, textOf: (item: Item) => string): Item[] {
  const wanted = exactTerms(query);
  if (wanted.length === 0) return [...items];
  const counted = items.map((item) => {
    const held = indexTerms(textOf(item));
    return { item, count: wanted.filter((term) => held.has(term)).length };
  });
  return counted.sort((left, right) => right.count - left.count).map(({ item }) => item);
}
