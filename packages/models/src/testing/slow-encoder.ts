/**
 * A BERT encoder in plain 64-bit arithmetic, straight from the packed file: the oracle that the ONNX graph is tested against. Devlin et al.
 * 2018. Thousands of times slower than the real thing; used by tests only.
 */
import { unpackQ4, type E5File } from "../convert/e5-file.ts";

type Matrix = number[][]; // [tokens][width]

async function values(file: E5File, name: string): Promise<number[]> {
  const tensor = file.tensors.get(name)!;
  const bytes = await file.read(tensor, 0, tensor.bytes);
  if (tensor.type === "f32") return Array.from({ length: tensor.count }, (_, i) => bytes.readFloatLE(4 * i));
  const { nibbles, scales } = unpackQ4(bytes);
  return Array.from(nibbles, (nibble, i) => nibble * scales[i >> 5]!);
}

async function linear(file: E5File, name: string, input: Matrix): Promise<Matrix> {
  const [weight, bias] = [await values(file, `${name}.w`), await values(file, `${name}.b`)];
  return input.map((row) =>
    bias.map((start, o) => row.reduce((sum, value, i) => sum + value * weight[o * row.length + i]!, start)),
  );
}

async function normalize(file: E5File, name: string, input: Matrix): Promise<Matrix> {
  const [weight, bias] = [await values(file, `${name}.w`), await values(file, `${name}.b`)];
  return input.map((row) => {
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
    const scale = 1 / Math.sqrt(variance + file.shape.epsilon);
    return row.map((value, i) => (value - mean) * scale * weight[i]! + bias[i]!);
  });
}

/** Abramowitz & Stegun 7.1.26, error below 1.5e-7. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - poly * Math.exp(-x * x));
}
const gelu = (x: number): number => 0.5 * x * (1 + erf(x / Math.SQRT2));
const add = (a: Matrix, b: Matrix): Matrix => a.map((row, t) => row.map((value, i) => value + b[t]![i]!));

function attention(q: Matrix, k: Matrix, v: Matrix, heads: number): Matrix {
  const width = q[0]!.length / heads;
  return q.map((row) =>
    row.map((_, i) => {
      const from = Math.floor(i / width) * width;
      const scores = k.map((key) => {
        let sum = 0;
        for (let d = from; d < from + width; d += 1) sum += row[d]! * key[d]!;
        return Math.exp(sum / Math.sqrt(width));
      });
      const total = scores.reduce((sum, score) => sum + score, 0);
      return scores.reduce((sum, score, t) => sum + (score / total) * v[t]![i]!, 0);
    }),
  );
}

/** ids → last hidden state [tokens][hidden]. */
export async function encodeSlowly(file: E5File, ids: readonly number[]): Promise<Matrix> {
  const { hidden, heads, layers } = file.shape;
  const [word, position, type] = [
    await values(file, "emb.word"),
    await values(file, "emb.pos"),
    await values(file, "emb.type"),
  ];
  const embedded = ids.map((id, t) =>
    Array.from({ length: hidden }, (_, i) => word[id * hidden + i]! + position[t * hidden + i]! + type[i]!),
  );
  let x = await normalize(file, "emb.ln", embedded);
  for (let n = 0; n < layers; n += 1) {
    const at = (name: string): string => `l${n}.${name}`;
    const [q, k, v] = [await linear(file, at("q"), x), await linear(file, at("k"), x), await linear(file, at("v"), x)];
    const attended = await linear(file, at("ao"), attention(q, k, v, heads));
    x = await normalize(file, at("aln"), add(attended, x));
    const inner = (await linear(file, at("fi"), x)).map((row) => row.map(gelu));
    x = await normalize(file, at("oln"), add(await linear(file, at("fo"), inner), x));
  }
  return x;
}
