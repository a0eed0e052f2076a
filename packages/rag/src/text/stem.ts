/**
 * English word → stem, so that "serviced" in an answer meets "service" in a passage.
 * Porter 1980, "An algorithm for suffix stripping", steps 1a–5b; words of one or two letters stay as they are.
 */
const VOWEL = "[aeiouy]";
const CONSONANTS = "[^aeiou][^aeiouy]*";
const VOWELS = "[aeiouy][aeiou]*";
const MEASURE_ABOVE_0 = new RegExp(`^(${CONSONANTS})?${VOWELS}${CONSONANTS}`);
const MEASURE_1 = new RegExp(`^(${CONSONANTS})?${VOWELS}${CONSONANTS}(${VOWELS})?$`);
const MEASURE_ABOVE_1 = new RegExp(`^(${CONSONANTS})?${VOWELS}${CONSONANTS}${VOWELS}${CONSONANTS}`);
const HAS_VOWEL = new RegExp(`^(${CONSONANTS})?${VOWEL}`);
const CONSONANT_VOWEL_CONSONANT = new RegExp(`^${CONSONANTS}${VOWEL}[^aeiouwxy]$`);

const STEP_2: readonly (readonly [suffix: string, replacement: string])[] = [
  ["ational", "ate"],
  ["tional", "tion"],
  ["enci", "ence"],
  ["anci", "ance"],
  ["izer", "ize"],
  ["bli", "ble"],
  ["alli", "al"],
  ["entli", "ent"],
  ["eli", "e"],
  ["ousli", "ous"],
  ["ization", "ize"],
  ["ation", "ate"],
  ["ator", "ate"],
  ["alism", "al"],
  ["iveness", "ive"],
  ["fulness", "ful"],
  ["ousness", "ous"],
  ["aliti", "al"],
  ["iviti", "ive"],
  ["biliti", "ble"],
  ["logi", "log"],
];
const STEP_3: readonly (readonly [suffix: string, replacement: string])[] = [
  ["icate", "ic"],
  ["ative", ""],
  ["alize", "al"],
  ["iciti", "ic"],
  ["ical", "ic"],
  ["ful", ""],
  ["ness", ""],
];
const STEP_4 = /^(.+?)(al|ance|ence|er|ic|able|ible|ant|ement|ment|ent|ou|ism|ate|iti|ous|ive|ize|(?<=[st])ion)$/;

/** The stem of a lower-case English word; other text comes back unchanged. */
export function stem(word: string): string {
  if (word.length < 3 || !/^[a-z]+$/.test(word)) return word;
  let stemmed = word.startsWith("y") ? `Y${word.slice(1)}` : word;
  stemmed = stripPlural(stemmed);
  stemmed = stripTense(stemmed);
  if (/^(.+?)y$/.test(stemmed) && HAS_VOWEL.test(stemmed.slice(0, -1))) stemmed = `${stemmed.slice(0, -1)}i`;
  stemmed = replaceSuffix(stemmed, STEP_2);
  stemmed = replaceSuffix(stemmed, STEP_3);
  const long = STEP_4.exec(stemmed)?.[1];
  if (long !== undefined && MEASURE_ABOVE_1.test(long)) stemmed = long;
  return tidyEnd(stemmed).toLowerCase();
}

function stripPlural(word: string): string {
  if (/(ss|i)es$/.test(word)) return word.slice(0, -2);
  return /[^s]s$/.test(word) ? word.slice(0, -1) : word;
}

function stripTense(word: string): string {
  if (word.endsWith("eed")) return MEASURE_ABOVE_0.test(word.slice(0, -3)) ? word.slice(0, -1) : word;
  const base = /^(.+?)(ed|ing)$/.exec(word)?.[1];
  if (base === undefined || !HAS_VOWEL.test(base)) return word;
  if (/(at|bl|iz)$/.test(base)) return `${base}e`;
  if (/([^aeiouylsz])\1$/.test(base)) return base.slice(0, -1);
  return CONSONANT_VOWEL_CONSONANT.test(base) ? `${base}e` : base;
}

function replaceSuffix(word: string, table: readonly (readonly [string, string])[]): string {
  for (const [suffix, replacement] of table) {
    if (!word.endsWith(suffix)) continue;
    const base = word.slice(0, -suffix.length);
    return MEASURE_ABOVE_0.test(base) ? base + replacement : word;
  }
  return word;
}

function tidyEnd(word: string): string {
  let tidied = word;
  if (tidied.endsWith("e")) {
    const base = tidied.slice(0, -1);
    if (MEASURE_ABOVE_1.test(base) || (MEASURE_1.test(base) && !CONSONANT_VOWEL_CONSONANT.test(base))) tidied = base;
  }
  return tidied.endsWith("ll") && MEASURE_ABOVE_1.test(tidied) ? tidied.slice(0, -1) : tidied;
}
