/** Vectors as BLOBs: f32 little endian, the byte order of every machine that Node runs on today. */

export function vectorToBytes(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
}

/** A copy, since a BLOB need not lie on a 4-byte boundary. */
export function bytesToVector(bytes: Buffer): Float32Array {
  const vector = new Float32Array(bytes.byteLength / 4);
  new Uint8Array(vector.buffer).set(bytes);
  return vector;
}
