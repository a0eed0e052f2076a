/**
 * Opens a GGUF file and reads its tensors as float32, a slice at a time, so that a model of many gigabytes needs a few
 * megabytes. The head is parsed by header.ts, the encodings by dequantize.ts; what the model is, by llama-config.ts.
 * Invariant: after `openGguf` every readable tensor lies wholly inside the file.
 */
import { open, stat, type FileHandle } from "node:fs/promises";
import { AppError, throwIfAborted } from "@lorekeep/core";
import { dequantize } from "./dequantize.ts";
import { invalidGguf, NeedMoreBytes, parseGgufHeader, type GgufHeader, type GgufTensor } from "./header.ts";
import { encodingOf, isReadableType, READABLE_TYPE_NAMES } from "./tensor-types.ts";

const FIRST_HEAD_BYTES = 1 << 20;
/** A vocabulary of 250,000 pieces with merges takes about 20 MB. */
const MAX_HEAD_BYTES = 256 << 20;
/** Weights decoded at once: 1 MiB of float32, a few milliseconds of the event loop. */
const SLICE_WEIGHTS = 1 << 18;

export interface GgufFile extends GgufHeader {
  readonly path: string;
  readonly sizeBytes: number;
  /** The tensor's weights, rows first, in slices of whole blocks; each slice is a fresh array. */
  streamTensor(name: string, signal?: AbortSignal): AsyncGenerator<Float32Array, void, undefined>;
  /** The whole tensor at once. Throws model_invalid for a name that is not there, model_unsupported for its encoding. */
  readTensor(name: string, signal?: AbortSignal): Promise<Float32Array>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Throws model_missing (no such file), model_invalid (not GGUF, cut short, contradictory). */
export async function openGguf(path: string): Promise<GgufFile> {
  const info = await stat(path).catch(() => null);
  if (info?.isFile() !== true)
    throw new AppError("model_missing", `There is no model file ${path}. Fetch the model, or correct the path.`, {
      path,
    });
  const handle = await open(path);
  try {
    const header = await readHeader(handle, info.size, path);
    return ggufFile(handle, header, info.size, path);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readFully(handle: FileHandle, bytes: Uint8Array, position: number, path: string): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) throw invalidGguf(path, "it ended while it was being read; it was cut short meanwhile");
    done += bytesRead;
  }
}

/** Parses the first MiB, then twice as much, and so on until the whole head is in memory. */
async function readHeader(handle: FileHandle, fileBytes: number, path: string): Promise<GgufHeader> {
  for (let size = FIRST_HEAD_BYTES; ; size *= 2) {
    const bytes = new Uint8Array(Math.min(size, fileBytes));
    await readFully(handle, bytes, 0, path);
    try {
      return parseGgufHeader(bytes, fileBytes, path);
    } catch (error) {
      if (!(error instanceof NeedMoreBytes)) throw error;
      if (size >= MAX_HEAD_BYTES) throw invalidGguf(path, `its metadata is larger than ${MAX_HEAD_BYTES} bytes`);
    }
  }
}

function ggufFile(handle: FileHandle, header: GgufHeader, sizeBytes: number, path: string): GgufFile {
  const close = async () => handle.close();
  return {
    ...header,
    path,
    sizeBytes,
    close,
    [Symbol.asyncDispose]: close,
    streamTensor: (name, signal) => streamSlices(handle, tensorNamed(header, name, path), path, signal),
    async readTensor(name, signal) {
      const tensor = tensorNamed(header, name, path);
      const all = new Float32Array(tensor.weightCount);
      let done = 0;
      for await (const slice of streamSlices(handle, tensor, path, signal)) {
        all.set(slice, done);
        done += slice.length;
      }
      return all;
    },
  };
}

function tensorNamed(header: GgufHeader, name: string, path: string): GgufTensor {
  const tensor = header.tensors.get(name);
  if (tensor === undefined) throw invalidGguf(path, `it has no tensor ${name}`);
  return tensor;
}

async function* streamSlices(
  handle: FileHandle,
  tensor: GgufTensor,
  path: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Float32Array, void, undefined> {
  const { type, name, weightCount } = tensor;
  if (!isReadableType(type))
    throw new AppError(
      "model_unsupported",
      `${name} in ${path} is stored in ggml's encoding number ${type}. These can be read: ${READABLE_TYPE_NAMES.join(", ")}. Use a file such as Q4_K_M or Q8_0.`,
      { path, type },
    );
  const { blockWeights, blockBytes } = encodingOf(type);
  const sliceWeights = Math.min(weightCount, Math.ceil(SLICE_WEIGHTS / blockWeights) * blockWeights);
  const bytes = new Uint8Array((sliceWeights / blockWeights) * blockBytes);
  for (let done = 0; done < weightCount; done += sliceWeights) {
    throwIfAborted(signal);
    const count = Math.min(sliceWeights, weightCount - done);
    const part = bytes.subarray(0, (count / blockWeights) * blockBytes);
    await readFully(handle, part, tensor.offsetBytes + (done / blockWeights) * blockBytes, path);
    const slice = new Float32Array(count);
    dequantize(type, part, slice);
    yield slice;
  }
}
