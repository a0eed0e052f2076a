/** Ascending row numbers as pairs (first, count) of u32 little endian: chunks of one version are nearly always one run. */

export function encodeSeqRanges(seqs: readonly number[]): Buffer {
  const pairs: number[] = [];
  for (const seq of seqs) {
    const at = pairs.length - 2;
    if (at >= 0 && pairs[at]! + pairs[at + 1]! === seq) pairs[at + 1]! += 1;
    else pairs.push(seq, 1);
  }
  const bytes = Buffer.alloc(pairs.length * 4);
  pairs.forEach((value, index) => bytes.writeUInt32LE(value, index * 4));
  return bytes;
}

export interface SeqRange {
  readonly first: number;
  readonly count: number;
}

export function decodeSeqRanges(bytes: Buffer): SeqRange[] {
  const ranges: SeqRange[] = [];
  for (let at = 0; at + 8 <= bytes.length; at += 8)
    ranges.push({ first: bytes.readUInt32LE(at), count: bytes.readUInt32LE(at + 4) });
  return ranges;
}

/** The row numbers at positions [start, end) of the expanded ranges. */
export function sliceSeqs(ranges: readonly SeqRange[], start: number, end: number): number[] {
  const seqs: number[] = [];
  let position = 0;
  for (const { first, count } of ranges) {
    const from = Math.max(start, position);
    const to = Math.min(end, position + count);
    for (let at = from; at < to; at++) seqs.push(first + at - position);
    position += count;
  }
  return seqs;
}
