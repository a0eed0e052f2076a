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
    bias: -5.2864,
    weights: {
      passageCoverage: 2.9449,
      windowCoverage: 3.0257,
      dense: 2.4316,
      margin: 4.0946,
      agreement: 1.6014,
      missingExact: -1.6189,
    },
  },
  zh: {
    bias: -9.3114,
    weights: {
      passageCoverage: 3.6491,
      windowCoverage: 4.9836,
      dense: 2.266,
      margin: 5.6979,
      agreement: 0.814,
      missingExact: -2.1843,
    },
  },
  "en-lexical": { bias: -4.543, weights: { passageCoverage: 6.7752, windowCoverage: 5.6935, missingExact: -2.1893 } },
  "zh-lexical": { bias: -4.5184, weights: { passageCoverage: 6.2975, windowCoverage: 6.7096, missingExact: -1.3814 } },
  foreign: { bias: -1.6258, weights: { dense: 4.1446, margin: 5.9024 } },
};

export const COSINE_SCALES: Readonly<Record<string, CosineScale>> = {
  "multilingual-e5-small": { mean: 0.8065, deviation: 0.0424 },
};
