/**
 * GGUF → one file of float32 weights that ONNX Runtime maps into memory as external data. Done once per model: the
 * result lies in `folder`/<hash of the source>/ and is found again by that hash.
 *
 * Layout: tensors in GGUF's own form (rows first; q and k rows in the order of interleaved RoPE), little-endian, each on
 * a multiple of 4096 bytes, so that it can be mapped. `weights.json` beside it says where each one is and is written
 * last: a folder with it is whole.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { AppError, throwIfAborted } from "@lorekeep/core";
import { checkSpace, removeStalePartials, writeAtomically } from "./atomic-file.ts";
import { llamaConfigOf, type LlamaConfig } from "./gguf/llama-config.ts";
import type { GgufFile } from "./gguf/reader.ts";

const ALIGNMENT_BYTES = 4096;
const LAYOUT_VERSION = 1;
/** Room that stays free for everything else on the disk. */
const SPARE_BYTES = 64 << 20;

export interface PreparedTensor {
  readonly offsetBytes: number;
  /** Rows first: [out, in] for a linear layer. */
  readonly shape: readonly number[];
}

export interface PreparedWeights {
  readonly weightsPath: string;
  readonly tensors: Readonly<Record<string, PreparedTensor>>;
  readonly config: LlamaConfig;
  /** Of the GGUF file. */
  readonly sha256: string;
}

export interface PrepareProgress {
  readonly stage: "hash" | "write";
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface PrepareRequest {
  readonly gguf: GgufFile;
  /** Holds one folder per model; made when missing. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PrepareProgress) => void) | undefined;
}

interface Manifest {
  readonly version: number;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly config: LlamaConfig;
  readonly tensors: Readonly<Record<string, PreparedTensor>>;
}

/** Throws model_unsupported, model_invalid, disk_full, aborted. Two processes at once are safe: the last rename wins. */
export async function prepareWeights(request: PrepareRequest): Promise<PreparedWeights> {
  const { gguf, signal } = request;
  const config = llamaConfigOf(gguf);
  const sha256 = await hashSource(request);
  const folder = join(request.folder, sha256.slice(0, 16));
  const weightsPath = join(folder, "weights.f32");
  const manifestPath = join(folder, "weights.json");
  const { tensors, sizeBytes } = layOut(gguf);
  const manifest: Manifest = { version: LAYOUT_VERSION, sizeBytes, sha256, config, tensors };
  const text = `${JSON.stringify(manifest, null, 1)}\n`;
  const result = { weightsPath, tensors, config, sha256 };
  if (await isPrepared(manifestPath, weightsPath, text, sizeBytes)) return result;

  await mkdir(folder, { recursive: true });
  await removeStalePartials(folder);
  await checkSpace(folder, sizeBytes + SPARE_BYTES, "The weights of the model, as float32,");
  await writeAtomically(weightsPath, (file) => writeTensors(file, request, tensors, sizeBytes));
  throwIfAborted(signal);
  await writeAtomically(manifestPath, (file) => file.writeFile(text));
  return result;
}

/** Bytes of a model's weights as float32, as they will lie on the disk. */
export const preparedBytes = (gguf: Pick<GgufFile, "tensors">): number => layOut(gguf).sizeBytes;

/**
 * Bytes that preparing such a model will still write: none when the folder holds weights of its configuration and size. Two models
 * of one shape are not told apart, which only their hash could do: what is really missing is looked at when it is written.
 */
export async function missingBytes(folder: string, config: LlamaConfig, sizeBytes: number): Promise<number> {
  const wanted = JSON.stringify(config);
  for (const name of await readdir(folder).catch(() => [])) {
    const text = await readFile(join(folder, name, "weights.json"), "utf8").catch(() => null);
    if (text === null) continue;
    const manifest = JSON.parse(text) as Manifest;
    if (manifest.sizeBytes === sizeBytes && JSON.stringify(manifest.config) === wanted) return 0;
  }
  return sizeBytes;
}

async function isPrepared(
  manifestPath: string,
  weightsPath: string,
  text: string,
  sizeBytes: number,
): Promise<boolean> {
  const [found, info] = await Promise.all([
    readFile(manifestPath, "utf8").catch(() => null),
    stat(weightsPath).catch(() => null),
  ]);
  return found === text && info?.size === sizeBytes;
}

async function hashSource({ gguf, signal, onProgress }: PrepareRequest): Promise<string> {
  throwIfAborted(signal);
  const hash = createHash("sha256");
  let doneBytes = 0;
  for await (const part of createReadStream(gguf.path, { highWaterMark: 1 << 20 })) {
    throwIfAborted(signal);
    hash.update(part as Buffer);
    doneBytes += (part as Buffer).length;
    onProgress?.({ stage: "hash", doneBytes, totalBytes: gguf.sizeBytes });
  }
  return hash.digest("hex");
}

/** Places in the order of the source, so that it is read from front to back. */
function layOut(gguf: Pick<GgufFile, "tensors">): { tensors: Record<string, PreparedTensor>; sizeBytes: number } {
  const tensors: Record<string, PreparedTensor> = {};
  let at = 0;
  for (const { name, shape, weightCount } of [...gguf.tensors.values()].sort((a, b) => a.offsetBytes - b.offsetBytes)) {
    tensors[name] = { offsetBytes: at, shape: [...shape] };
    at = Math.ceil((at + weightCount * 4) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  }
  return { tensors, sizeBytes: at };
}

async function writeTensors(
  file: FileHandle,
  { gguf, signal, onProgress }: PrepareRequest,
  tensors: Readonly<Record<string, PreparedTensor>>,
  totalBytes: number,
): Promise<void> {
  await file.truncate(totalBytes);
  for (const [name, { offsetBytes }] of Object.entries(tensors)) {
    let at = offsetBytes;
    for await (const slice of gguf.streamTensor(name, signal)) {
      refuseNonFinite(slice, name, gguf.path);
      await writeFully(file, new Uint8Array(slice.buffer, slice.byteOffset, slice.byteLength), at);
      at += slice.byteLength;
      onProgress?.({ stage: "write", doneBytes: at, totalBytes });
    }
  }
}

/** A sum is finite only when all its terms are: one damaged scale would otherwise show up hours later as a loss of NaN. */
function refuseNonFinite(slice: Float32Array, name: string, path: string): void {
  let sum = 0;
  for (const weight of slice) sum += weight;
  if (!Number.isFinite(sum))
    throw new AppError(
      "model_invalid",
      `${name} in ${path} holds values that are not numbers. Fetch the model again.`,
      { path },
    );
}

async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;)
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
}
