/**
 * How a reader's marks are weighed against each other and against retrieval. Written by bench/calibrate-refusal.ts on articles that
 * the reader was not trained on; do not edit by hand.
 */

/** The reader that was measured. Of another one, marks are shown and its scores have no say in the refusal. */
export const CALIBRATED_READER = { name: "reader-e5-small", fingerprint: "" };

/** Order of the marked passages: weights of the reader's logits and of the passage's fused score, relative to the best one's. */
export const SPAN_WEIGHTS = { score: 1, relevance: 0.5, share: 4 };

/** A mark as sure as this is seldom overtaken by a later passage: reading ends. */
export const ENOUGH_SCORE = 12;
