/** A GGUF file that the user names by its path instead of a catalogue name. */
import { createHash } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { AppError } from "@lorekeep/core";
import type { GeneratorOptions } from "./generator.ts";

const HEAD_BYTES = 1 << 20;

export function isGgufPath(name: string): boolean {
  return name.toLowerCase().endsWith(".gguf");
}

/** Name, context and a fingerprint of size and first MiB (metadata included). Throws model_missing, model_invalid. */
export async function ggufFileOptions(
  path: string,
): Promise<Pick<GeneratorOptions, "name" | "fingerprint" | "modelPath" | "contextTokens" | "languages">> {
  const info = await stat(path).catch(() => null);
  if (info?.isFile() !== true)
    throw new AppError("model_missing", `There is no model file ${path}. Correct LOREKEEP_GENERATOR.`, { path });
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(HEAD_BYTES, info.size)), 0, null, 0);
    if (buffer.toString("latin1", 0, 4) !== "GGUF")
      throw new AppError("model_invalid", `${path} is not a GGUF file.`, { path });
    const hash = createHash("sha256").update(buffer.subarray(0, bytesRead)).update(String(info.size)).digest("hex");
    const name = basename(path);
    return {
      name,
      fingerprint: `${name}@${hash.slice(0, 16)}`,
      modelPath: path,
      contextTokens: 4096,
      languages: ["en", "zh", "other"],
    };
  } finally {
    await handle.close();
  }
}
