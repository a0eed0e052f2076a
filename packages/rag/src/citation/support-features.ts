/** What support is judged by: numbers that a person can read beside a citation. */
/** Shares lie in [0,1]; counts are at most 2; yes is 1. */
export type SupportFeatures = {
  /** Weighted share of content terms found; one found only around the stretch counts half. */
  readonly coverage: number;
  /** Weight of the most telling term that the stretch lacks. */
  readonly lacking: number;
  /** Share of neighbouring content terms that come in the same order, at most four terms apart. */
  readonly order: number;
  /** Share of the numbers that stand beside other words there. */
  readonly strayNumbers: number;
  /** Names that do not occur up to the stretch's end. */
  readonly missingNames: number;
  /** Names that stand before a stretch that does not refer back. */
  readonly borrowedNames: number;
  /** Two names or numbers of one clause that have changed places. */
  readonly swapped: number;
  /** Share of the terms that are on the wrong side of the border between the two sentences of the stretch. */
  readonly crossing: number;
  readonly negationDiffers: number;
  readonly tooStrong: number;
  readonly opposed: number;
  /** Quantities that stand nowhere: a veto. */
  readonly missingNumbers: number;
  /** A row that lacks what the sentence is about, so that its number belongs to something else: a veto. */
  readonly otherRow: number;
};
