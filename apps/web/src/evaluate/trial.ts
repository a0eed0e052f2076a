/** Settings that can be tried before they are switched on, and what a finished trial says. */
import type { EvaluationCandidate, EvaluationComparison, UpdateCollectionRequest } from "@lorekeep/core";
import { figureNamed, lowerIsBetter } from "./evaluation-figures.ts";

/** Of a change of a collection, what answers depend on; null when that is nothing. */
export function candidateOf({ embedder, chunking, retrieval }: UpdateCollectionRequest): EvaluationCandidate | null {
  const candidate = {
    ...(embedder === undefined ? {} : { embedder }),
    ...(chunking === undefined ? {} : { chunking }),
    ...(retrieval === undefined ? {} : { retrieval }),
  };
  return Object.keys(candidate).length === 0 ? null : candidate;
}

export type Verdict = "better" | "worse" | "mixed" | "same";

/** By the differences that are real. */
export function verdictOf(differences: EvaluationComparison["differences"]): Verdict {
  const real = Object.entries(differences).filter(([, difference]) => difference.real);
  const gains = real.map(([key, { mean }]) => {
    const name = figureNamed(key);
    return name !== null && lowerIsBetter(name) ? mean < 0 : mean > 0;
  });
  if (gains.length === 0) return "same";
  if (gains.every(Boolean)) return "better";
  return gains.some(Boolean) ? "mixed" : "worse";
}
