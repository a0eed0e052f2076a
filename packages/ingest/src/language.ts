/**
 * Which language a text is written in, as far as the product cares: English, Chinese, or another one.
 *
 * The script decides first (Han without kana is Chinese), then common English words, and only what is left goes to the
 * n-gram detector `eld` (Apache-2.0), which is loaded on first need because it costs 80 MB and 0.3 s.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Language } from "@lorekeep/core";

const SAMPLE_LENGTH = 6000;
const ENGLISH =
  /\b(?:the|of|and|to|is|are|was|were|in|that|for|with|what|which|who|whom|whose|how|when|where|why|does|did|do|can|could|should|would|this|these|it|its|from|not|have|has|be|by|an|if|my|your|our|their|there|they|we|you|will)\b/gi;
const OTHER_LATIN =
  /\b(?:le|la|les|des|une|est|dans|pour|avec|que|qui|sont|der|die|das|und|ist|nicht|ein|eine|mit|auf|für|wie|wo|el|los|las|una|por|para|cómo|qué|está|il|che|di|della|sono|per|het|een|van|niet|och|att|som|det|jest|nie|não|uma|dos)\b/giu;

interface Detector {
  detect(text: string): { language: string; isReliable(): boolean };
}
let detector: Detector | undefined;
function loadDetector(): Detector {
  if (detector === undefined) {
    const path = fileURLToPath(import.meta.resolve("eld/extrasmall"));
    // The package documents this shape; its static builds export one ready detector.
    detector = (createRequire(import.meta.url)(path) as { eld: Detector }).eld;
  }
  return detector;
}

/** Three slices of a long text, so that a foreign preface does not decide. */
function sampleOf(text: string): string {
  if (text.length <= SAMPLE_LENGTH) return text;
  const slice = SAMPLE_LENGTH / 3;
  const middle = Math.floor((text.length - slice) / 2);
  return `${text.slice(0, slice)}\n${text.slice(middle, middle + slice)}\n${text.slice(-slice)}`;
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** Works on a question of two words as well as on a book. Text without letters counts as English. */
export function detectLanguage(text: string): Language {
  const sample = sampleOf(text);
  const letters = count(sample, /\p{L}/gu);
  if (letters === 0) return "en";
  const han = count(sample, /\p{Script=Han}/gu);
  const kana = count(sample, /[\p{Script=Hiragana}\p{Script=Katakana}]/gu);
  const latin = count(sample, /\p{Script=Latin}/gu);
  // A Han character carries about as much as three Latin letters.
  if (kana * 5 > han + kana && kana > 1) return "other";
  if (han * 3 > letters - han) return "zh";
  if (latin * 2 < letters) return "other";
  return latinLanguage(sample);
}

function latinLanguage(sample: string): Language {
  const english = count(sample, ENGLISH);
  const other = count(sample, OTHER_LATIN);
  if (english > other * 2 && english > 0) return "en";
  const guess = loadDetector().detect(sample);
  if (guess.language === "en") return "en";
  // Names, part numbers and two-word queries: only a sure guess or foreign letters make them another language.
  const foreignLetters = /[^\p{ASCII}\p{P}\p{S}\s]/u.test(sample);
  return guess.isReliable() || foreignLetters || other > english ? "other" : "en";
}
