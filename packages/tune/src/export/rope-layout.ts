/**
 * The order of the rows of q and k. RoPE turns pairs of rows within a head: Hugging Face pairs row j with row j + d/2
 * (two halves), GGUF pairs rows 2j and 2j + 1 (interleaved). So GGUF row 2j + s of a head is Hugging Face row s·d/2 + j.
 * Of an adapter's two parts only B has these rows; A stays as it is. Source: llama.cpp, convert_hf_to_gguf.py, permute.
 */

/** `rows` [heads · d][width], two halves → interleaved. */
export function interleaveRows(rows: Float32Array, heads: number, width: number): Float32Array {
  return moveRows(rows, heads, width, (to, from) => [to, from]);
}

/** `rows` [heads · d][width], interleaved → two halves. */
export function splitRows(rows: Float32Array, heads: number, width: number): Float32Array {
  return moveRows(rows, heads, width, (to, from) => [from, to]);
}

function moveRows(
  rows: Float32Array,
  heads: number,
  width: number,
  order: (interleaved: number, halves: number) => [to: number, from: number],
): Float32Array {
  const headRows = rows.length / width / heads;
  if (!Number.isInteger(headRows) || headRows % 2 !== 0)
    throw new RangeError(`${rows.length} values are no ${heads} heads of even size and width ${width}.`);
  const moved = new Float32Array(rows.length);
  for (let head = 0; head < heads; head++) {
    const start = head * headRows;
    for (let j = 0; j < headRows / 2; j++) {
      for (const s of [0, 1]) {
        const [to, from] = order(start + 2 * j + s, start + (s * headRows) / 2 + j);
        moved.set(rows.subarray(from * width, (from + 1) * width), to * width);
      }
    }
  }
  return moved;
}
