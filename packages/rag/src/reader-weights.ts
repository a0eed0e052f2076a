/**
 * How a reader's marks are weighed against each other and against retrieval. bench/calibrate-reader.ts fits them on articles that
 * the reader was not trained on and writes them; until it has run on enough of them, they are set by hand: on 60 held-out questions
 * any mix of score and rank chose equally well (F1 0.68 English, 0.74 Chinese).
 */

/** The reader that was measured. Of another one, marks are shown and its scores have no say in the refusal. */
export const CALIBRATED_READER = { name: "reader-e5-small", fingerprint: "" };

/** Order of the marked passages: weights of the reader's logits and of the passage's fused score, relative to the best one's. */
export const SPAN_WEIGHTS = { score: 1, relevance: 0.5, share: 4 };

/** A mark as sure as this is seldom overtaken by a later passage: reading ends. */
export const ENOUGH_SCORE = 12;

/** A mark less sure than this is no short answer: such scores are those of passages that have nothing to do with the question. */
export const MARK_FROM = -7;
