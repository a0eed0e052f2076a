/** The source, read in slices and packed into blocks that can be handed to another thread without copying. */
import { AppError } from "@lorekeep/core";
import type { GenerationId, VectorSource } from "@lorekeep/core";

/** Rows of one slice: about 1 ms of reading, 0.8 MB at 384 dimensions. */
const SLICE_ROWS = 512;

export interface VectorBlock {
  readonly seqs: Float64Array<ArrayBuffer>;
  readonly vectors: Float32Array<ArrayBuffer>;
}
export interface ChangeBlock extends VectorBlock {
  /** 1 = the next vector of `vectors` belongs to this row, 0 = the row was removed. */
  readonly present: Uint8Array<ArrayBuffer>;
  readonly appliedChange: number;
}

/** Every live vector, by ascending seq. Throws shape_mismatch for a vector of another length. */
export async function* readAllVectors(
  source: VectorSource,
  generationId: GenerationId,
  dimensions: number,
): AsyncGenerator<VectorBlock> {
  let afterSeq = -1;
  for (;;) {
    const rows = await source.readVectors(generationId, afterSeq, SLICE_ROWS);
    if (rows.length === 0) return;
    afterSeq = rows.at(-1)!.seq;
    yield packRows(rows, dimensions);
  }
}

/** Changes after this number, oldest first. Throws shape_mismatch for a vector of another length. */
export async function* readChangesAfter(
  source: VectorSource,
  generationId: GenerationId,
  afterChange: number,
  dimensions: number,
): AsyncGenerator<ChangeBlock> {
  let appliedChange = afterChange;
  for (;;) {
    const changes = await source.readChanges(generationId, appliedChange, SLICE_ROWS);
    if (changes.length === 0) return;
    appliedChange = changes.at(-1)!.changeNumber;
    yield {
      seqs: Float64Array.from(changes, ({ seq }) => seq),
      present: Uint8Array.from(changes, ({ vector }) => (vector === null ? 0 : 1)),
      vectors: pack(
        changes.filter((change) => change.vector !== null) as { seq: number; vector: Float32Array }[], // just filtered
        dimensions,
      ),
      appliedChange,
    };
  }
}

/** Rows as one block. Throws shape_mismatch for a vector of another length. */
export function packRows(
  rows: readonly { readonly seq: number; readonly vector: Float32Array }[],
  dimensions: number,
): VectorBlock {
  return { seqs: Float64Array.from(rows, ({ seq }) => seq), vectors: pack(rows, dimensions) };
}

function pack(
  rows: readonly { readonly seq: number; readonly vector: Float32Array }[],
  dimensions: number,
): Float32Array<ArrayBuffer> {
  const block = new Float32Array(rows.length * dimensions);
  rows.forEach(({ seq, vector }, i) => {
    if (vector.length !== dimensions) {
      throw new AppError(
        "shape_mismatch",
        `The stored vector of row ${seq} has ${vector.length} numbers instead of ${dimensions}.`,
        { seq, dimensions },
      );
    }
    block.set(vector, i * dimensions);
  });
  return block;
}
