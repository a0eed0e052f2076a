/**
 * Makes text of any origin searchable: one spelling per character, one kind of space, nothing invisible.
 *
 * Compatibility forms are folded only where that cannot change a meaning: ligatures, full-width letters and digits,
 * half-width kana, Arabic presentation forms, CJK radicals and compatibility ideographs. Superscripts, fractions, circled
 * numbers and Chinese punctuation stay as written. Idempotent; every span is taken after this step.
 * Sources: Unicode UAX #15 (NFC, NFKC), EquivalentUnifiedIdeograph.txt (the radicals that NFKC leaves alone).
 */

/** U+2E80–U+2EF3 in order; "-" where there is no unified ideograph. */
const RADICALS = [
  ..."-厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵-旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿肉𦥑",
  ..."艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
];
const FIRST_RADICAL = 0x2e80;

const COMPATIBLE =
  /[\uFB00-\uFB06\uFB13-\uFB17\uFB50-\uFDFF\uFE70-\uFEFC\uFF10-\uFF19\uFF21-\uFF3A\uFF41-\uFF5A\uFF65-\uFF9F\u2F00-\u2FD5\uF900-\uFAFF\u{2F800}-\u{2FA1F}]+/gu;
const OLD_RADICAL = /[\u2E80-\u2EF3]/gu;
/** Characters with no ink and no meaning in prose; also the ones that hide text from readers. Soft hyphens are counted apart. */
const INVISIBLE =
  /[\u200B\u200E\u200F\u180E\u2060-\u2064\u202A-\u202E\u2066-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E0FFF}]/gu;
/** A joiner means something only between letters of joining scripts or emoji. */
const STRAY_JOINER =
  /(?<![\p{M}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])[\u200C\u200D]/gu;
// eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
const CONTROL = /[\u0000-\u0008\u000E-\u001F\u007F-\u0084\u0086-\u009F]/g;
// eslint-disable-next-line no-control-regex -- vertical tab and form feed break lines
const LINE_BREAK = /\r\n?|[\u000B\u000C\u0085\u2028\u2029]/g;
const OTHER_SPACE = /[\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]/g;
const PLAIN = /^[\n\t\x20-\x7E]*$/;

export interface CleanText {
  readonly text: string;
  /** Invisible characters taken out; soft hyphens and control characters are not counted. */
  readonly invisibleCount: number;
}

/** Characters made canonical; line breaks become "\n", spaces " ", and layout is otherwise left alone. */
export function cleanCharacters(source: string): CleanText {
  const broken = source.replace(LINE_BREAK, "\n");
  if (PLAIN.test(broken)) return { text: broken, invisibleCount: 0 };
  let invisibleCount = 0;
  const drop = (): string => {
    invisibleCount += 1;
    return "";
  };
  const text = broken
    .toWellFormed()
    .replace(CONTROL, "")
    .replace(/\u00AD/g, "")
    .replace(INVISIBLE, drop)
    .replace(STRAY_JOINER, drop)
    .replace(OTHER_SPACE, " ")
    .replace(COMPATIBLE, (run) => run.normalize("NFKC"))
    .replace(OLD_RADICAL, (radical) => {
      const unified = RADICALS[radical.charCodeAt(0) - FIRST_RADICAL];
      return unified === undefined || unified === "-" ? radical : unified;
    })
    .normalize("NFC");
  return { text, invisibleCount };
}

/** Prose on one line per "\n": runs of blanks become one, ends are trimmed, empty lines vanish. */
export function tidyProse(text: string): string {
  return text
    .replace(/[ \t]+/g, " ")
    .replace(/ ?\n[ \n]*/g, "\n")
    .trim();
}

/** Lines whose indentation means something (code): ends trimmed, no empty lines at the borders. */
export function tidyLines(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .replace(/^\n+/, "")
    .trimEnd();
}

const CJK =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\u3001-\u303F\uFF01-\uFF0F\uFF1A-\uFF20\uFF3B-\uFF40\uFF5B-\uFF65\u2018\u2019\u201C\u201D\u2014\u2026";
const HAN = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\u3001-\u303F\uFF01-\uFF0F\uFF1A-\uFF20";
const ENDS_CJK = new RegExp(`[${CJK}]$`, "u");
const STARTS_CJK = new RegExp(`^[${CJK}]`, "u");
const ENDS_HAN = new RegExp(`[${HAN}]$`, "u");
const STARTS_HAN = new RegExp(`^[${HAN}]`, "u");
const ENDS_HYPHENATED = /(\p{L}+)[-\u2010]$/u;
const STARTS_LOWER = /^(\p{Ll}+)/u;
// Bounded and anchored at a word's start: a run of a million letters must not cost a million scans.
const HYPHENATED_WORD = /(?<!\p{L})\p{L}{1,40}[-\u2010]\p{Ll}{1,40}/gu;

/** Words written with a hyphen inside a line: they keep it when a line ends there. Lower case. */
export function hyphenatedWords(lines: Iterable<string>): Set<string> {
  const words = new Set<string>();
  for (const line of lines)
    for (const [word] of line.matchAll(HYPHENATED_WORD)) words.add(word.toLowerCase().replace("\u2010", "-"));
  return words;
}

/**
 * How two lines of one paragraph join: what to cut from the end of the first, and what goes between.
 * Nothing between Han characters, nothing after a hyphen that only the line end put there, else one space.
 */
export function lineJoint(
  first: string,
  second: string,
  hyphenated: ReadonlySet<string>,
): { cut: number; glue: string } {
  const head = ENDS_HYPHENATED.exec(first)?.[1];
  const tail = STARTS_LOWER.exec(second)?.[1];
  if (head !== undefined && tail !== undefined)
    return { cut: hyphenated.has(`${head}-${tail}`.toLowerCase()) ? 0 : 1, glue: "" };
  const ends = ENDS_HAN.test(first);
  const starts = STARTS_HAN.test(second);
  if ((ends && STARTS_CJK.test(second)) || (starts && ENDS_CJK.test(first))) return { cut: 0, glue: "" };
  return { cut: 0, glue: " " };
}

/** Lines of one paragraph as one line. */
export function joinLines(lines: readonly string[], hyphenated: ReadonlySet<string> = new Set()): string {
  let text = "";
  for (const raw of lines) {
    const line = raw.trim();
    if (line === "") continue;
    if (text === "") {
      text = line;
      continue;
    }
    const joint = lineJoint(text.slice(-80), line.slice(0, 80), hyphenated);
    text = (joint.cut > 0 ? text.slice(0, -joint.cut) : text) + joint.glue + line;
  }
  return text;
}
