/**
 * An adapter as raw float32 with a JSON index beside it: the form in which the Python scripts under `scripts/` take the
 * trainer's tensors (in GGUF layout), so that they need no other format of ours.
 */
import { basename } from "node:path";
import { writeAtomically } from "../atomic-file.ts";
import type { Adapter } from "./adapter.ts";

/** Writes `jsonPath` (index) and, beside it, the same name ending in .f32: A [rank][in], then B [out][rank], per tensor. */
export async function writeRawAdapter(jsonPath: string, adapter: Adapter): Promise<void> {
  const dataPath = `${jsonPath.replace(/\.json$/, "")}.f32`;
  let at = 0;
  const place = (values: Float32Array): number => {
    const offset = at;
    at += values.byteLength;
    return offset;
  };
  const tensors = adapter.tensors.map(({ name, a, b }) => ({
    name,
    in: a.length / adapter.rank,
    out: b.length / adapter.rank,
    aOffsetBytes: place(a),
    bOffsetBytes: place(b),
  }));
  await writeAtomically(dataPath, async (file) => {
    for (const { a, b } of adapter.tensors) {
      await file.appendFile(Buffer.from(a.buffer, a.byteOffset, a.byteLength));
      await file.appendFile(Buffer.from(b.buffer, b.byteOffset, b.byteLength));
    }
  });
  const index = { data: basename(dataPath), rank: adapter.rank, alpha: adapter.alpha, tensors };
  await writeAtomically(jsonPath, (file) => file.writeFile(`${JSON.stringify(index, null, 1)}\n`));
}
