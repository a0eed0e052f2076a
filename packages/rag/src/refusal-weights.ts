/**
 * How the verdict of refuse.ts weighs its features. Written by bench/calibrate-refusal.ts from public questions (SQuAD 2.0,
 * CMRC 2018, DRCD, the Debian FAQ, MedQuAD) asked of the right and of the wrong corpus, split by document; do not edit by hand.
 */
import type { CosineScale, RefusalFeatures } from "./refusal-features.ts";

export interface RefusalModel {
  readonly bias: number;
  readonly weights: Readonly<Partial<Record<keyof RefusalFeatures, number>>>;
}

export const REFUSAL_WEIGHTS: Readonly<Record<string, RefusalModel>> = {
  en: {
    bias: -5.2938,
    weights: {
      passageCoverage: 2.9367,
      windowCoverage: 2.9979,
      dense: 2.4503,
      margin: 4.0761,
      agreement: 1.7246,
      missingExact: -1.3952,
    },
  },
  zh: {
    bias: -9.4091,
    weights: {
      passageCoverage: 3.7183,
      windowCoverage: 4.8183,
      dense: 2.2931,
      margin: 5.8546,
      agreement: 0.9935,
      missingExact: -2.2692,
    },
  },
  "en-lexical": { bias: -4.5155, weights: { passageCoverage: 6.7445, windowCoverage: 5.6487, missingExact: -2.1811 } },
  "zh-lexical": { bias: -4.5184, weights: { passageCoverage: 6.2975, windowCoverage: 6.7096, missingExact: -1.3814 } },
  foreign: { bias: -1.6258, weights: { dense: 4.1446, margin: 5.9024 } },
};

export const COSINE_SCALES: Readonly<Record<string, CosineScale>> = {
  "multilingual-e5-small": { mean: 0.8065, deviation: 0.0424 },
};
