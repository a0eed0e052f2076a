/** An answer sentence by sentence: what it says, which passages it is cited to, and what the check compared. Pure. */
import { citedPassage } from "@lorekeep/core";
import type { CitationResponse, SearchResult } from "@lorekeep/core";
import type { AnswerState } from "./answer-state.ts";

export interface Evidence {
  readonly citation: CitationResponse;
  readonly passage: SearchResult | null;
  /** Word for word what the passage says, so that nothing had to be compared. */
  readonly isQuoted: boolean;
  readonly verdict: "supported" | "weak";
  /** [name, value] in the order in which the check gives them. */
  readonly features: readonly (readonly [string, number])[];
}

export interface SentenceEvidence {
  readonly key: string;
  readonly text: string;
  readonly evidence: readonly Evidence[];
}

export function sentencesOf({
  text,
  citations,
  passages,
}: Pick<AnswerState, "text" | "citations" | "passages">): SentenceEvidence[] {
  const bySentence = new Map<string, { text: string; evidence: Evidence[] }>();
  for (const citation of citations) {
    const key = citation.answerSpan.join("-");
    const said = text
      .slice(...citation.answerSpan)
      .replace(/\s*\[\d+\]/g, "")
      .replaceAll("\\|", "|")
      .trim();
    const sentence = bySentence.get(key) ?? { text: said, evidence: [] };
    bySentence.set(key, sentence);
    sentence.evidence.push(evidenceOf(citation, passages));
  }
  return [...bySentence].map(([key, sentence]) => ({ key, ...sentence }));
}

function evidenceOf(citation: CitationResponse, passages: readonly SearchResult[]): Evidence {
  const features = Object.entries(citation.features ?? {});
  return {
    citation,
    passage: citedPassage(citation, passages) ?? null,
    isQuoted: features.length === 0 && citation.support === 1,
    verdict: citation.verdict ?? (citation.supported ? "supported" : "weak"),
    features,
  };
}
