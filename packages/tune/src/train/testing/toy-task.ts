/**
 * A task small enough to read: y = head · tanh((W + B A) x) learns a teacher; W is frozen in a file, as in a real base, and
 * A, B and the head are trained. Sequence lengths are pretended, so that buckets have something to do.
 */
import { gaussian, seededRandom } from "../random.ts";
import type { ParameterSpec, TrainingTask } from "../training-task.ts";

export interface ToyExample {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly length: number;
}

export const [INPUTS, RANK, HIDDEN, OUTPUTS] = [4, 3, 16, 2];
export const TOY_PARAMETERS: readonly ParameterSpec[] = [
  { name: "layer.lora_a", shape: [RANK, INPUTS] },
  { name: "layer.lora_b", shape: [HIDDEN, RANK] },
  { name: "head.weight", shape: [OUTPUTS, HIDDEN] },
];

export const toyTask: TrainingTask<ToyExample> = {
  kind: "toy",
  lengthOf: (example) => example.length,
  feedsOf: (batch) => ({
    feeds: {
      x: { type: "float32", dims: [batch.length, INPUTS], data: Float32Array.from(batch.flatMap(({ x }) => x)) },
      y: { type: "float32", dims: [batch.length, OUTPUTS], data: Float32Array.from(batch.flatMap(({ y }) => y)) },
    },
    terms: batch.length,
    tokens: batch.reduce((sum, { length }) => sum + length, 0),
  }),
  initial: (spec, random) =>
    Float32Array.from({ length: spec.shape[0]! * spec.shape[1]! }, () => gaussian(random) / Math.sqrt(spec.shape[1]!)),
};

/** Seeded examples of one teacher; `seed` also decides the teacher's noise, not its weights. */
export function toyExamples(count: number, seed: number): ToyExample[] {
  const teacher = seededRandom(77);
  const weights = Array.from({ length: INPUTS * OUTPUTS }, () => gaussian(teacher));
  const random = seededRandom(seed, 3);
  return Array.from({ length: count }, () => {
    const x = Array.from({ length: INPUTS }, () => gaussian(random));
    const y = Array.from({ length: OUTPUTS }, (_, o) =>
      Math.tanh(x.reduce((sum, value, i) => sum + 0.5 * value * weights[i * OUTPUTS + o]!, 0)),
    );
    return { x, y, length: 4 + Math.floor(random() * 40) };
  });
}
