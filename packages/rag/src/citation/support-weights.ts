/** How support.ts weighs its features: set by hand until the calibration has run. */
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
  bias: -5,
  weights: {
    coverage: 8,
    lacking: -3,
    order: 2,
    scrambled: -2,
    strayNumbers: -4,
    missingNames: -6,
    borrowedNames: -4,
    swapped: -4,
    crossing: -6,
    skipped: -2,
    negationDiffers: -6,
    tooStrong: -4,
    opposed: -4,
  },
  supportedFrom: 0.8,
  weakFrom: 0.5,
};
