/** Token sequences → the feeds that every Llama training graph has. Padded on the right to the longest. */
import type { Feed, ParameterSpec } from "../train/training-task.ts";

/** A prompt with its answer: tokens from `answerStart` on are what is learnt. */
export interface AnswerExample {
  /** Typed arrays cross to the training thread fastest. */
  readonly ids: ArrayLike<number>;
  readonly answerStart: number;
}

const PADDING_ID = 0;
const MASKED = -1e9;

export const floats = (dims: readonly number[], data: Float32Array): Feed => ({ type: "float32", dims, data });
export const integers = (dims: readonly number[], data: readonly number[]): Feed => ({
  type: "int64",
  dims,
  data: BigInt64Array.from(data, BigInt),
});

/** How many tokens of it are predicted and count. */
export const answerTokens = ({ ids, answerStart }: AnswerExample): number => ids.length - answerStart;

/** `group` = query heads per key head. `answer_rows` names the states that predict the answers' tokens, sequence by sequence. */
export function sequenceFeeds(sequences: readonly AnswerExample[], group: number): Record<string, Feed> {
  const time = Math.max(...sequences.map(({ ids }) => ids.length));
  const ids: number[] = [];
  const positions: number[] = [];
  const rows: number[] = [];
  const targets: number[] = [];
  sequences.forEach((sequence, index) => {
    for (let t = 0; t < time; t++) {
      ids.push(sequence.ids[t] ?? PADDING_ID);
      positions.push(t);
      if (t < sequence.answerStart || t >= sequence.ids.length) continue;
      // The state before a token is what predicts it.
      rows.push(index * time + t - 1);
      targets.push(sequence.ids[t]!);
    }
  });
  return {
    ids: integers([ids.length], ids),
    positions: integers([sequences.length, time], positions),
    mask: floats([group * time, time], causalMask(group, time)),
    answer_rows: integers([rows.length], rows),
    targets: integers([targets.length], targets),
  };
}

function causalMask(group: number, time: number): Float32Array {
  const mask = new Float32Array(group * time * time);
  for (let row = 0; row < group * time; row++) mask.fill(MASKED, row * time + (row % time) + 1, (row + 1) * time);
  return mask;
}

/** A: uniform of He's variance for its width, as PEFT does it; B: zero, so that training begins at the base (Hu et al. 2021, section 4.1). */
export function initialLora({ name, shape }: ParameterSpec, random: () => number): Float32Array {
  const size = shape.reduce((product, dim) => product * dim, 1);
  if (name.endsWith(".lora_b")) return new Float32Array(size);
  const bound = 1 / Math.sqrt(shape[1]!);
  return Float32Array.from({ length: size }, () => (2 * random() - 1) * bound);
}
