/**
 * The external data file of an ONNX model, written front to back: tensors are appended as they are converted, so memory
 * holds one slice at a time. Big tensors start at 64 KiB boundaries, which lets ONNX Runtime map them on every platform.
 */
import type { FileHandle } from "node:fs/promises";
import type { ElementType, Initializer } from "@lorekeep/autodiff";

const BIG_BYTES = 1 << 20;

export class WeightFile {
  readonly #handle: FileHandle;
  readonly #fileName: string;
  #offset = 0;

  constructor(handle: FileHandle, fileName: string) {
    this.#handle = handle;
    this.#fileName = fileName;
  }

  /** Appends the slices, in order, as one tensor. `bytes` is what they add up to. */
  async append(
    tensor: { name: string; type: ElementType; shape: readonly number[]; bytes: number },
    slices: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<Initializer> {
    const alignment = tensor.bytes >= BIG_BYTES ? 65_536 : 64;
    const offset = Math.ceil(this.#offset / alignment) * alignment;
    let end = offset;
    for await (const slice of slices) {
      await this.#handle.write(slice, 0, slice.length, end);
      end += slice.length;
    }
    if (end - offset !== tensor.bytes)
      throw new Error(`${tensor.name}: ${end - offset} bytes written, ${tensor.bytes} announced`);
    this.#offset = end;
    return {
      name: tensor.name,
      type: tensor.type,
      shape: tensor.shape,
      data: { file: this.#fileName, offset, bytes: tensor.bytes },
    };
  }

  get sizeBytes(): number {
    return this.#offset;
  }
}
