/** Learning to give these answers: the loss is the negative log-likelihood of answer tokens, per token. */
import type { TrainingTask } from "../train/training-task.ts";
import { answerTokens, initialLora, sequenceFeeds } from "./sequence-feeds.ts";
import type { AnswerExample } from "./sequence-feeds.ts";

export interface GroupedAnswerExample extends AnswerExample {
  /** Query heads per key head of the base. */
  readonly group: number;
}

export const answerTask: TrainingTask<GroupedAnswerExample> = {
  kind: "answers",
  lengthOf: ({ ids }) => ids.length,
  feedsOf: (batch) => ({
    feeds: sequenceFeeds(batch, batch[0]!.group),
    terms: batch.reduce((sum, example) => sum + answerTokens(example), 0),
    tokens: batch.reduce((sum, { ids }) => sum + ids.length, 0),
  }),
  initial: initialLora,
};
