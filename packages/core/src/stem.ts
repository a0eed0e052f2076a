/**
 * English words to their stems, so that `indexing` finds `indexed`: the algorithm of M. F. Porter, “An algorithm for
 * suffix stripping”, 1980, steps 1–5, whose conditions are written here as regular expressions over a word's measure.
 * Words that are not plain a–z stay as they are. Results are kept: texts repeat their words.
 * The full-text index holds these stems: a change here asks for a re-index.
 */
const C = "[^aeiou]";
const V = "[aeiouy]";
const CONSONANTS = `${C}[^aeiouy]*`;
const VOWELS = `${V}[aeiou]*`;
/** m > 0, m = 1, m > 1, and “contains a vowel” of the paper. */
const MEASURE_OVER_0 = new RegExp(`^(${CONSONANTS})?${VOWELS}${CONSONANTS}`);
const MEASURE_IS_1 = new RegExp(`^(${CONSONANTS})?${VOWELS}${CONSONANTS}(${VOWELS})?$`);
const MEASURE_OVER_1 = new RegExp(`^(${CONSONANTS})?${VOWELS}${CONSONANTS}${VOWELS}${CONSONANTS}`);
const HAS_VOWEL = new RegExp(`^(${CONSONANTS})?${V}`);
/** Consonant, vowel, consonant other than w, x, y: a short word that wants its e back. */
const SHORT = new RegExp(`^${CONSONANTS}${V}[^aeiouwxy]$`);

const STEP_2: readonly (readonly [string, string])[] = [
  ["ational", "ate"],
  ["ization", "ize"],
  ["iveness", "ive"],
  ["fulness", "ful"],
  ["ousness", "ous"],
  ["tional", "tion"],
  ["biliti", "ble"],
  ["entli", "ent"],
  ["ousli", "ous"],
  ["ation", "ate"],
  ["alism", "al"],
  ["aliti", "al"],
  ["iviti", "ive"],
  ["enci", "ence"],
  ["anci", "ance"],
  ["izer", "ize"],
  ["abli", "able"],
  ["alli", "al"],
  ["ator", "ate"],
  ["logi", "log"],
  ["bli", "ble"],
  ["eli", "e"],
];
const STEP_3: readonly (readonly [string, string])[] = [
  ["icate", "ic"],
  ["ative", ""],
  ["alize", "al"],
  ["iciti", "ic"],
  ["ical", "ic"],
  ["ness", ""],
  ["ful", ""],
];
const STEP_4 = /^(.+?)(ement|ance|ence|able|ible|ment|ant|ent|ism|ate|iti|ous|ive|ize|al|er|ic|ou)$/;

const MAX_KEPT = 100_000;
const kept = new Map<string, string>();

/** The stem of a lower-case English word; other text comes back unchanged. */
export function stem(word: string): string {
  if (word.length < 3 || !/^[a-z]+$/.test(word)) return word;
  const known = kept.get(word);
  if (known !== undefined) return known;
  if (kept.size >= MAX_KEPT) kept.clear();
  const result = stripSuffixes(word);
  kept.set(word, result);
  return result;
}

function stripSuffixes(word: string): string {
  // At the beginning of a word y is a consonant; the capital keeps it out of the vowels.
  let w = stripPlural(word.startsWith("y") ? `Y${word.slice(1)}` : word);
  w = stripPastAndGerund(w);
  if (w.endsWith("y") && HAS_VOWEL.test(w.slice(0, -1))) w = `${w.slice(0, -1)}i`;
  w = replaceSuffix(replaceSuffix(w, STEP_2), STEP_3);
  const ending = STEP_4.exec(w);
  if (ending) w = MEASURE_OVER_1.test(ending[1]!) ? ending[1]! : w;
  else if (/[st]ion$/.test(w) && MEASURE_OVER_1.test(w.slice(0, -3))) w = w.slice(0, -3);
  if (w.endsWith("e")) {
    const base = w.slice(0, -1);
    if (MEASURE_OVER_1.test(base) || (MEASURE_IS_1.test(base) && !SHORT.test(base))) w = base;
  }
  return (w.endsWith("ll") && MEASURE_OVER_1.test(w) ? w.slice(0, -1) : w).toLowerCase();
}

function stripPlural(w: string): string {
  if (w.endsWith("sses") || w.endsWith("ies")) return w.slice(0, -2);
  return w.endsWith("s") && !w.endsWith("ss") ? w.slice(0, -1) : w;
}

function stripPastAndGerund(w: string): string {
  if (w.endsWith("eed")) return MEASURE_OVER_0.test(w.slice(0, -3)) ? w.slice(0, -1) : w;
  const base = /^(.*)(?:ed|ing)$/.exec(w)?.[1];
  if (base === undefined || !HAS_VOWEL.test(base)) return w;
  if (/(?:at|bl|iz)$/.test(base)) return `${base}e`;
  if (/([^aeiouylsz])\1$/.test(base)) return base.slice(0, -1);
  return SHORT.test(base) ? `${base}e` : base;
}

function replaceSuffix(w: string, table: readonly (readonly [string, string])[]): string {
  for (const [suffix, replacement] of table) {
    if (!w.endsWith(suffix)) continue;
    const base = w.slice(0, -suffix.length);
    return MEASURE_OVER_0.test(base) ? base + replacement : w;
  }
  return w;
}
