/**
 * How support.ts weighs its features. Written by bench/calibrate-support.ts on 2026-11-22 from public texts (SQuAD 2.0, HotpotQA,
 * SciFact, CMRC 2018, DRCD; 3608 sentences), split by document; do not edit by hand.
 */
import type { SupportFeatures } from "./support-features.ts";

export interface SupportModel {
  readonly bias: number;
  readonly weights: Readonly<Partial<Record<keyof SupportFeatures, number>>>;
  /** A probability from here on is shown as supported. */
  readonly supportedFrom: number;
  /** From here on as weak; below, the sentence is cut. */
  readonly weakFrom: number;
}

export const SUPPORT_MODEL: SupportModel = {
  bias: -0.157,
  weights: {
    lacking: -1.561,
    order: 1.552,
    strayNumbers: -0.119,
    missingNames: -2.287,
    borrowedNames: -3.836,
    swapped: -1.29,
    crossing: -45.998,
    negationDiffers: -4.155,
    tooStrong: -3.319,
  },
  supportedFrom: 0.801,
  weakFrom: 0.5,
};
