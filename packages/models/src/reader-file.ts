/**
 * What is trained of a reader: low-rank changes to its encoder and the head that points. The encoder's own weights stay in the base file,
 * so this one is small. safetensors: `layer.N.{q,k,v,ao,fi,fo}.a` [rank][in], `.b` [out][rank], `head.weight` [outputs][hidden],
 * `head.bias` [outputs]; metadata rank, alpha, outputs, base_sha256, recipe. LoRA: Hu et al. 2021.
 */
import { AppError } from "@lorekeep/core";
import type { LearntParts } from "./convert/e5-small.ts";
import type { E5Shape } from "./convert/e5-file.ts";
import { encodeSafetensors, parseSafetensors, type SafeTensor } from "./convert/safetensors.ts";

export const READER_LINEARS = ["q", "k", "v", "ao", "fi", "fo"] as const;

export interface ReaderFile {
  readonly rank: number;
  readonly alpha: number;
  /** 2 = start, end; 3 = and relevance. */
  readonly outputs: 2 | 3;
  /** Of the packed encoder that it was trained on; "" = not said. */
  readonly baseSha256: string;
  /** Where it comes from, for people. */
  readonly recipe: string;
  readonly tensors: ReadonlyMap<string, SafeTensor>;
}

function invalid(why: string): AppError {
  return new AppError("model_invalid", `The reader's file cannot be used: ${why}.`);
}

/** Throws model_invalid. */
export function parseReaderFile(bytes: Buffer): ReaderFile {
  const { metadata, tensors } = parseSafetensors(bytes);
  const [rank, alpha, outputs] = [metadata.rank, metadata.alpha, metadata.outputs].map(Number);
  if (!Number.isInteger(rank) || rank! < 1 || !Number.isFinite(alpha)) throw invalid("its rank or alpha is missing");
  if (outputs !== 2 && outputs !== 3) throw invalid("it has neither two nor three outputs");
  for (const { values } of tensors.values())
    if (!values.every(Number.isFinite)) throw invalid("it holds a number that is not finite");
  const { base_sha256: baseSha256 = "", recipe = "" } = metadata;
  return { rank: rank!, alpha: alpha!, outputs, baseSha256, recipe, tensors };
}

export function encodeReaderFile(file: ReaderFile): Buffer {
  const { rank, alpha, outputs, baseSha256, recipe, tensors } = file;
  const metadata = {
    rank: String(rank),
    alpha: String(alpha),
    outputs: String(outputs),
    base_sha256: baseSha256,
    recipe,
  };
  return encodeSafetensors({ metadata, tensors });
}

function tensorOf(file: ReaderFile, name: string, shape: readonly number[]): SafeTensor {
  const tensor = file.tensors.get(name);
  if (tensor === undefined || tensor.shape.join() !== shape.join())
    throw invalid(`it has no ${name} of shape ${shape.join(" × ")}`);
  return tensor;
}

/** rows [out][in] += scale · B [out][rank] · A [rank][in]. */
export function addLowRank(
  rows: Float32Array,
  change: { readonly a: Float32Array; readonly b: Float32Array; readonly rank: number; readonly scale: number },
): void {
  const { a, b, rank, scale } = change;
  const inputs = a.length / rank;
  const outputs = b.length / rank;
  for (let o = 0; o < outputs; o += 1)
    for (let r = 0; r < rank; r += 1) {
      const factor = scale * b[o * rank + r]!;
      if (factor === 0) continue;
      for (let i = 0; i < inputs; i += 1) rows[o * inputs + i] = rows[o * inputs + i]! + factor * a[r * inputs + i]!;
    }
}

/** For convertE5Small. Linears without a pair stay as they are. Throws model_invalid when a shape is not the encoder's. */
export function learntPartsOf(file: ReaderFile, shape: E5Shape): LearntParts {
  const { hidden, intermediate, layers } = shape;
  const { rank, alpha } = file;
  const changes = new Map<string, { a: Float32Array; b: Float32Array }>();
  for (let n = 0; n < layers; n += 1)
    for (const linear of READER_LINEARS) {
      const at = `layer.${n}.${linear}`;
      if (!file.tensors.has(`${at}.a`) && !file.tensors.has(`${at}.b`)) continue;
      const { values: a } = tensorOf(file, `${at}.a`, [rank, linear === "fo" ? intermediate : hidden]);
      const { values: b } = tensorOf(file, `${at}.b`, [linear === "fi" ? intermediate : hidden, rank]);
      changes.set(`l${n}.${linear}`, { a, b });
    }
  if (changes.size * 2 + 2 !== file.tensors.size) throw invalid("it holds tensors that this encoder has no place for");
  return {
    addTo: (name, rows) => {
      const change = changes.get(name);
      if (change !== undefined) addLowRank(rows, { ...change, rank, scale: alpha / rank });
    },
    head: {
      weight: tensorOf(file, "head.weight", [file.outputs, hidden]).values,
      bias: tensorOf(file, "head.bias", [file.outputs]).values,
    },
  };
}
