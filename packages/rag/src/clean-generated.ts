/**
 * Generated text → the sentences worth checking. Small models greet, number passages, repeat themselves and run on: the
 * preamble, every marker they wrote and everything from the first repetition on goes away before any sentence is judged.
 */
import { splitSentences } from "@lorekeep/ingest";
import { contentTerms, distinctKeys, sharedCount } from "./text/terms.ts";

const MARKERS =
  /\s*(?:\[\s*(?:passage\s*)?\d+(?:\s*,\s*\d+)*\s*\]|\(\s*(?:passage|source)s?\s*\d+(?:\s*(?:,|and)\s*\d+)*\s*\)|【\s*\d+\s*】)/gi;
const PREAMBLES: readonly RegExp[] = [
  /^\s*(?:sure|certainly|of course|okay|ok|great question)[,!.:]\s*/i,
  /^\s*(?:here(?:'s| is| are)[^.:\n]{0,60}:|the (?:short )?answer is:?|short answer:|answer:)\s*/i,
  /^\s*(?:based on|according to|from|as stated in|in) (?:the )?(?:given |provided |quoted )?(?:passages?|text|context|information|sources?)(?: \d+| provided| given| above)*[,:]\s*/i,
  /^\s*passage \d+ (?:states|says|mentions|explains) that\s*/i,
  /^\s*(?:根据|依据)[^，。：\n]{0,20}[，：]\s*/,
];
/** Two sentences whose terms overlap this far say the same. */
const SAME_FROM = 0.8;

/** Sentences in order, without markers, preambles and repetitions; an unfinished last one is left out. */
export function cleanGenerated(text: string, endedEarly: boolean): string[] {
  const plain = stripPreambles(
    text
      .normalize("NFC")
      .replace(MARKERS, "")
      .replace(/<\/?[a-z][^>\n]{0,80}>/gi, ""),
  );
  const kept: { text: string; keys: Set<string> }[] = [];
  const spans = splitSentences(plain);
  for (const [at, [start, end]] of spans.entries()) {
    const sentence = plain
      .slice(start, end)
      .replace(/\s+/g, " ")
      .replace(/^(?:[-*•]|\d+[.)])\s+/, "")
      .trim();
    if (!/[\p{L}\p{N}]/u.test(sentence)) continue;
    const isUnfinished = endedEarly && at === spans.length - 1 && !/[.!?。！？…"”』」)]$/.test(sentence);
    if (isUnfinished && kept.length > 0) break;
    const keys = new Set(distinctKeys(contentTerms(sentence)));
    if (kept.some((other) => saysTheSame(keys, other.keys))) break;
    kept.push({ text: sentence, keys });
  }
  return kept.map((sentence) => sentence.text);
}

/** True when `text` has begun to go round in circles, so that generation can stop at once. */
export function repeatsItself(text: string): boolean {
  const tail = text.slice(-60);
  if (tail.length === 60 && text.slice(0, -60).includes(tail)) return true;
  return /(.{2,30}?)\1{5,}$/su.test(text.slice(-200));
}

function stripPreambles(text: string): string {
  let stripped = text;
  for (const preamble of PREAMBLES) stripped = stripped.replace(preamble, "");
  return stripped.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}

function saysTheSame(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  const smaller = Math.min(left.size, right.size);
  return smaller >= 2 && sharedCount(left, right) / smaller >= SAME_FROM && Math.abs(left.size - right.size) <= 3;
}
