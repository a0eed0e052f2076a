/**
 * How support.ts weighs its features. Written by bench/calibrate-support.ts on 2026-11-22 from public texts (SQuAD 2.0, HotpotQA,
 * SciFact, CMRC 2018, DRCD; 3575 sentences), split by document; do not edit by hand.
 */
import type { SupportFeatures } from "../support.ts";

export interface SupportModel {
  readonly bias: number;
  readonly weights: Readonly<Partial<Record<keyof SupportFeatures, number>>>;
  /** A probability from here on is shown as supported. */
  readonly supportedFrom: number;
  /** From here on as weak; below, the sentence is cut. */
  readonly weakFrom: number;
}

export const SUPPORT_MODEL: SupportModel = {
  bias: -0.137,
  weights: {
    coverage: 0,
    lacking: -1.499,
    order: 1.519,
    scrambled: 0,
    strayNumbers: -0.136,
    missingNames: -2.325,
    borrowedNames: -3.851,
    swapped: -1.456,
    crossing: -50.554,
    skipped: 0,
    negationDiffers: -4.11,
    tooStrong: -3.283,
    opposed: 0,
  },
  supportedFrom: 0.799,
  weakFrom: 0.5,
};
