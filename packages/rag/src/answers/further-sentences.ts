/**
 * "Show me more": what else the passages of the same question say, sentence by sentence, never what only stands near in the index.
 * A sentence may follow when it, or its closest surroundings under its headings, is about what was asked, nearly as much so as the
 * best one; otherwise there is nothing more (acceptance G).
 */
import { citedChunk } from "../citation/cited-chunk.ts";
import { rankSentences } from "../extract.ts";
import type { RankedSentence } from "../extract.ts";
import type { PackedPassage } from "../pack-context.ts";
import type { PassageSentence } from "../passage-sentences.ts";
import type { Question } from "../question.ts";
import type { SentenceMeaning } from "../sentence-meaning.ts";
import type { Statement } from "./lay-out-answer.ts";

const AT_A_TIME = 3;
/** Share of the question's telling words that the sentence and its neighbours hold. */
const ABOUT_FROM = 0.5;
/** Share of the best sentence's score. */
const NEARLY_FROM = 0.5;
/** Across languages, where no words are shared: nearness in meaning, scaled over the passages read. */
const MEANS_FROM = 0.6;

/** `isShown`: true for sentences that the conversation has said already. Best first. */
export function furtherSentences(
  question: Question,
  packed: readonly PackedPassage[],
  options: { readonly isShown: (sentence: PassageSentence) => boolean; readonly meaning?: SentenceMeaning | undefined },
): Statement[] {
  const ranked = rankSentences(question, packed, options.meaning);
  const best = ranked[0]?.score ?? 0;
  const isAbout = ({ features, sentence }: RankedSentence): boolean => {
    if (options.meaning !== undefined) return features.meaning >= MEANS_FROM;
    // A row says what it says alone; what stands beside its table has nothing to do with it.
    const around = sentence.kind === "row" ? 0 : Math.max(features.nearby, features.headings);
    return Math.max(features.coverage, around) >= ABOUT_FROM;
  };
  return ranked
    .filter((item) => item.features.isAnnouncement === 0 && item.score >= NEARLY_FROM * best && isAbout(item))
    .filter(({ sentence }) => !options.isShown(sentence))
    .slice(0, AT_A_TIME)
    .toSorted((left, right) => left.packed.marker - right.packed.marker || left.at - right.at)
    .map(toStatement);
}

export function toStatement({ packed, sentence }: Pick<RankedSentence, "packed" | "sentence">): Statement {
  const { readAs: text, text: quote, span } = sentence;
  return { text, passage: packed.passage, chunk: citedChunk(packed, span), quote, span };
}

/** True for a sentence that one of these texts says word for word. */
export function saidIn(texts: readonly string[]): (sentence: Pick<PassageSentence, "readAs">) => boolean {
  const said = texts.map(plain).join("\n");
  return ({ readAs }) => said.includes(plain(readAs));
}

const plain = (text: string): string =>
  text
    .replace(/\s*\[\d+\]/gu, "")
    .replace(/[\s|*\\]+/gu, " ")
    .trim();
