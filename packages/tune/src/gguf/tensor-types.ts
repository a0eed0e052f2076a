/**
 * The tensor encodings of GGUF that this package can read: how many weights stand in a block, and how many bytes a block
 * takes. Numbers and names are those of ggml (ggml.h, enum ggml_type).
 */
export interface TensorEncoding {
  readonly name: string;
  /** Weights in one block; every row of a tensor is a whole number of blocks. */
  readonly blockWeights: number;
  readonly blockBytes: number;
}

const ENCODINGS = {
  0: { name: "F32", blockWeights: 1, blockBytes: 4 },
  1: { name: "F16", blockWeights: 1, blockBytes: 2 },
  2: { name: "Q4_0", blockWeights: 32, blockBytes: 18 },
  3: { name: "Q4_1", blockWeights: 32, blockBytes: 20 },
  6: { name: "Q5_0", blockWeights: 32, blockBytes: 22 },
  7: { name: "Q5_1", blockWeights: 32, blockBytes: 24 },
  8: { name: "Q8_0", blockWeights: 32, blockBytes: 34 },
  12: { name: "Q4_K", blockWeights: 256, blockBytes: 144 },
  13: { name: "Q5_K", blockWeights: 256, blockBytes: 176 },
  14: { name: "Q6_K", blockWeights: 256, blockBytes: 210 },
  30: { name: "BF16", blockWeights: 1, blockBytes: 2 },
} as const satisfies Record<number, TensorEncoding>;

/** ggml's number of an encoding that can be read. */
export type TensorType = keyof typeof ENCODINGS;
export type TensorTypeName = (typeof ENCODINGS)[TensorType]["name"];

export function isReadableType(type: number): type is TensorType {
  return Object.hasOwn(ENCODINGS, type);
}

export function encodingOf(type: TensorType): TensorEncoding & { readonly name: TensorTypeName } {
  return ENCODINGS[type];
}

/** ggml's number for a name such as "Q8_0". */
export function tensorTypeNamed(name: TensorTypeName): TensorType {
  for (const [number, encoding] of Object.entries(ENCODINGS))
    if (encoding.name === name) return Number(number) as TensorType;
  throw new RangeError(`No tensor encoding is called ${name}.`);
}

export const READABLE_TYPE_NAMES: readonly string[] = Object.values(ENCODINGS).map((encoding) => encoding.name);
