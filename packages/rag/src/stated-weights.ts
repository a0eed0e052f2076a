/**
 * How stated-features.ts weighs. Written by bench/calibrate-stated.ts from SQuAD 2.0's answerable and adversarial questions; do not edit by
 * hand. English only: no public set asks adversarial questions in Chinese, so Chinese verdicts rest on refusal-weights.ts.
 */
import type { StatedFeatures } from "./stated-features.ts";

export interface StatedModel {
  readonly bias: number;
  readonly weights: Readonly<Partial<Record<keyof StatedFeatures, number>>>;
}

export const STATED_WEIGHTS: Readonly<Record<string, StatedModel>> = {
  en: {
    bias: 1.9722,
    weights: {
      sentenceCoverage: 0,
      spread: -2.2765,
      missing: -1.129,
      missingExact: -1.0766,
      opposite: -2.2548,
      negation: -2.265,
      terms: 0.1984,
    },
  },
  "en-multilingual-e5-small": {
    bias: -11.4295,
    weights: {
      sentenceCoverage: -1.5825,
      spread: -2.5577,
      missing: -1.3333,
      missingExact: -1.0211,
      opposite: -2.22,
      negation: -2.327,
      terms: 0.165,
      leastAlike: 4.8951,
      likeness: 12.5371,
    },
  },
};
