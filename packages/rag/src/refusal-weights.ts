/** Written by calibration/fit-refusal.ts; do not edit by hand. */
import type { RefusalFeatures } from "./refuse.ts";

export interface RefusalModel {
  readonly bias: number;
  readonly weights: Readonly<Partial<Record<keyof RefusalFeatures, number>>>;
}

export const REFUSAL_WEIGHTS: Readonly<Record<string, RefusalModel>> = {
  en: { bias: -4.5, weights: { passageCoverage: 4, windowCoverage: 3, dense: 0.8, missingExact: -1 } },
  zh: { bias: -4.5, weights: { passageCoverage: 4, windowCoverage: 3, dense: 0.8, missingExact: -1 } },
  "en-lexical": { bias: -4.5, weights: { passageCoverage: 5, windowCoverage: 4, missingExact: -1 } },
  "zh-lexical": { bias: -4.5, weights: { passageCoverage: 5, windowCoverage: 4, missingExact: -1 } },
  foreign: { bias: -1.5, weights: { dense: 1 } },
};

/** Best cosines of off-corpus questions under one embedder. */
export interface CosineScale {
  readonly mean: number;
  readonly deviation: number;
}

export const COSINE_SCALES: Readonly<Record<string, CosineScale>> = {
  "multilingual-e5-small": { mean: 0.82, deviation: 0.02 },
  "all-MiniLM-L6-v2": { mean: 0.3, deviation: 0.1 },
};
