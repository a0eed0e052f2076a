/** The hand-labelled pairs of fixtures/citations, and how the verdicts of support.ts stand to the labels (F2). */
import { readFile } from "node:fs/promises";
import { citeSentences } from "../cite.ts";
import type { SupportVerdict } from "../support.ts";
import { makePassage, packAll } from "./passages.ts";
import { termWeightsFrom } from "../text/term-weights.ts";
import { indexTerms } from "../text/terms.ts";

export interface LabelledPassage {
  readonly id: string;
  readonly language: "en" | "zh";
  readonly title: string;
  readonly passage: string;
  readonly pairs: readonly {
    readonly sentence: string;
    readonly supported: boolean;
    /** How it was made from the passage. */
    readonly kind: string;
  }[];
}

export interface VerdictFigures {
  /** Of the sentences shown as supported, those that are. */
  readonly precision: number;
  /** Of the supported sentences, those shown as supported. */
  readonly recall: number;
  /** Of the supported sentences, those shown at all. */
  readonly shown: number;
  /** Of the unsupported sentences, those cut. */
  readonly cut: number;
}

const FILE = new URL("../../../../fixtures/citations/labelled.jsonl", import.meta.url);

export async function readLabelled(): Promise<LabelledPassage[]> {
  const lines = (await readFile(FILE, "utf8")).split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as LabelledPassage); // our own file
}

type Judged = LabelledPassage["pairs"][number] & { readonly verdict: SupportVerdict; readonly language: string };

/** Each sentence against its one passage, in a collection that holds all of them. */
export function judgeLabelled(passages: readonly LabelledPassage[]): Judged[] {
  const frequencies = new Map<string, number>();
  for (const { passage } of passages)
    for (const key of indexTerms(passage)) frequencies.set(key, (frequencies.get(key) ?? 0) + 1);
  const weight = termWeightsFrom({ documentCount: passages.length, frequencies });
  return passages.flatMap(({ passage, title, language, pairs }) => {
    const packed = packAll([makePassage(passage, { language, headings: [title] })]);
    return pairs.map((pair) => {
      const verdict = citeSentences([pair.sentence], packed, weight).citations[0]?.verdict ?? "cut";
      return { ...pair, language, verdict };
    });
  });
}

export function measureLabelled(passages: readonly LabelledPassage[]): Record<"all" | "en" | "zh", VerdictFigures> {
  const judged = judgeLabelled(passages);
  const of = (language: string): VerdictFigures => figures(judged.filter((pair) => pair.language === language));
  return { all: figures(judged), en: of("en"), zh: of("zh") };
}

function figures(judged: readonly Judged[]): VerdictFigures {
  const count = (supported: boolean, ...verdicts: SupportVerdict[]): number =>
    judged.filter((pair) => pair.supported === supported && verdicts.includes(pair.verdict)).length;
  const [right, wrong] = [count(true, "supported"), count(false, "supported")];
  const all = count(true, "supported", "weak", "cut");
  const wrongAll = count(false, "supported", "weak", "cut");
  return {
    precision: right / Math.max(1, right + wrong),
    recall: right / all,
    shown: count(true, "supported", "weak") / all,
    cut: count(false, "cut") / wrongAll,
  };
}
