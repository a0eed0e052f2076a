/** Reader examples → feeds of encoder-graph.ts. Pure; runs in the training thread. */
import type { BatchFeeds, Feed, TrainingTask } from "../train/training-task.ts";

export interface ReaderExample {
  /** `<s> query: QUESTION </s> PASSAGE </s>`. */
  readonly ids: readonly number[];
  readonly passageStart: number;
  /** First and last token of the answer, indexes in ids; null = the passage holds none. */
  readonly answer: readonly [first: number, last: number] | null;
  /** 1, 0, or null when nobody knows: then it does not count. */
  readonly relevant: 0 | 1 | null;
}
const PAD = 1;
const MASKED = -1e4;
const RELEVANCE_WEIGHT = 0.5;

const floats = (dims: readonly number[], data: Float32Array): Feed => ({ type: "float32", dims, data });
const integers = (dims: readonly number[], data: ArrayLike<number>): Feed => ({
  type: "int64",
  dims,
  data: BigInt64Array.from(data as number[], BigInt),
});

export const readerTask: TrainingTask<ReaderExample> = {
  kind: "reader",
  lengthOf: ({ ids }) => ids.length,
  feedsOf,
  initial: ({ name, shape }, random) => {
    const size = shape.reduce((product, dim) => product * dim, 1);
    // B starts at zero so that training begins at the base (Hu et al. 2021); A and the head are small and uniform.
    if (name.endsWith(".b") || name.endsWith(".bias")) return new Float32Array(size);
    const bound = name.endsWith(".a") ? 1 / Math.sqrt(shape[1]!) : 0.02;
    return Float32Array.from({ length: size }, () => (2 * random() - 1) * bound);
  },
};

function feedsOf(batch: readonly ReaderExample[]): BatchFeeds {
  const time = Math.max(...batch.map(({ ids }) => ids.length));
  const count = batch.length;
  const ids = new Int32Array(count * time).fill(PAD);
  const positions = new Int32Array(count * time);
  const padding = new Float32Array(count * time).fill(MASKED);
  const pointable = new Float32Array(count * time).fill(MASKED);
  const target = new Float32Array(count * 2 * time);
  batch.forEach((example, row) => {
    const from = row * time;
    example.ids.forEach((id, i) => (ids[from + i] = id));
    for (let i = 0; i < time; i++) positions[from + i] = i;
    padding.fill(0, from, from + example.ids.length);
    pointable[from] = 0;
    pointable.fill(0, from + example.passageStart, from + example.ids.length - 1);
    const [first, last] = example.answer ?? [0, 0];
    target[2 * from + first] = 1;
    target[2 * from + time + last] = 1;
  });
  return {
    feeds: {
      ids: integers([count * time], ids),
      positions: integers([count * time], positions),
      padding: floats([count, 1, time], padding),
      pointable: floats([count, 1, time], pointable),
      target: floats([count, 2, time], target),
      first_rows: integers(
        [count],
        batch.map((_, row) => row * time),
      ),
      relevant: floats(
        [count, 1],
        Float32Array.from(batch, ({ relevant }) => relevant ?? 0),
      ),
      relevance_weight: floats(
        [count, 1],
        Float32Array.from(batch, ({ relevant }) => (relevant === null ? 0 : RELEVANCE_WEIGHT)),
      ),
    },
    terms: count,
    tokens: batch.reduce((sum, { ids: own }) => sum + own.length, 0),
  };
}
