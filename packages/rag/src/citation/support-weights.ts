/**
 * How support.ts weighs its features. Written by bench/calibrate-support.ts on 2026-11-22 from public texts (SQuAD 2.0, HotpotQA,
 * SciFact, CMRC 2018, DRCD; 3736 sentences), split by document; do not edit by hand.
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
  bias: -0.141,
  weights: {
    lacking: -1.612,
    order: 1.563,
    strayNumbers: -0.073,
    missingNames: -2.25,
    borrowedNames: -3.834,
    swapped: -1.223,
    crossing: -43.848,
    negationDiffers: -4.131,
    tooStrong: -3.274,
    opposed: -3.545,
  },
  supportedFrom: 0.805,
  weakFrom: 0.5,
};
