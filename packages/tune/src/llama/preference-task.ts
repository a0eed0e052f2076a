/** Learning to prefer one answer to another: DPO on pairs (Rafailov et al. 2023). The loss is per pair. */
import type { TrainingTask } from "../train/training-task.ts";
import { answerTokens, floats, initialLora, sequenceFeeds } from "./sequence-feeds.ts";
import type { AnswerExample } from "./sequence-feeds.ts";

export interface PreferencePair {
  readonly chosen: AnswerExample;
  readonly rejected: AnswerExample;
  /** log-likelihood of chosen minus that of rejected, under the base: measured once before the training. */
  readonly referenceMargin: number;
  readonly group: number;
}

export const preferenceTask: TrainingTask<PreferencePair> = {
  kind: "preferences",
  lengthOf: ({ chosen, rejected }) => 2 * Math.max(chosen.ids.length, rejected.ids.length),
  feedsOf: (batch) => {
    const sequences = batch.flatMap(({ chosen, rejected }) => [chosen, rejected]);
    const answers = sequences.reduce((sum, sequence) => sum + answerTokens(sequence), 0);
    return {
      feeds: {
        ...sequenceFeeds(sequences, batch[0]!.group),
        pair_signs: floats([batch.length, answers], pairSigns(batch, answers)),
        reference_margin: floats(
          [batch.length, 1],
          Float32Array.from(batch, ({ referenceMargin }) => referenceMargin),
        ),
      },
      terms: batch.length,
      tokens: sequences.reduce((sum, { ids }) => sum + ids.length, 0),
    };
  },
  initial: initialLora,
};

/** [pairs, answers]: −1 over the chosen answer's tokens, +1 over the rejected one's. */
function pairSigns(batch: readonly PreferencePair[], answers: number): Float32Array {
  const signs = new Float32Array(batch.length * answers);
  let at = 0;
  batch.forEach(({ chosen, rejected }, pair) => {
    const middle = at + answerTokens(chosen);
    const end = middle + answerTokens(rejected);
    signs.fill(-1, pair * answers + at, pair * answers + middle);
    signs.fill(1, pair * answers + middle, pair * answers + end);
    at = end;
  });
  return signs;
}
