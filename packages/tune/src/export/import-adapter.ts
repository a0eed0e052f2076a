/**
 * Takes in an adapter from elsewhere: a GGUF file, a ZIP file of PEFT's two files, or a folder with them. Whatever comes
 * back fits the base, so that loading it cannot fail for its shape.
 */
import { open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError } from "@lorekeep/core";
import type { LlamaConfig } from "../gguf/llama-config.ts";
import { adapterError, checkAdapter, type Adapter } from "./adapter.ts";
import { readGgufAdapter } from "./gguf-adapter.ts";
import { readPeft } from "./peft.ts";

export type AdapterFormat = "gguf" | "peft-zip" | "peft-folder";

export interface ImportedAdapter {
  readonly format: AdapterFormat;
  readonly adapter: Adapter;
}

/** `config` is the base's. Throws model_missing (nothing there), model_invalid (another format, damaged, another base). */
export async function importAdapter(path: string, config: LlamaConfig): Promise<ImportedAdapter> {
  const format = await detectFormat(path);
  const adapter = await readAs(format, path, config);
  checkAdapter(adapter, config);
  return { format, adapter };
}

async function readAs(format: AdapterFormat, path: string, config: LlamaConfig): Promise<Adapter> {
  if (format === "gguf") return readGgufAdapter(path);
  return readPeft(path.endsWith(".safetensors") ? dirname(path) : path, config);
}

/** By the first bytes, never by the name alone. */
async function detectFormat(path: string): Promise<AdapterFormat> {
  const info = await stat(path).catch(() => null);
  if (info === null) throw new AppError("model_missing", `There is no adapter ${path}. Correct the path.`, { path });
  if (info.isDirectory()) return "peft-folder";
  const handle = await open(path);
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    const magic = buffer.toString("latin1");
    if (magic === "GGUF") return "gguf";
    if (magic === "PK\u0003\u0004") return "peft-zip";
    if (path.endsWith(".safetensors")) return "peft-folder"; // its settings stand beside it
    throw adapterError(
      `${path} is none of the formats that can be read: a GGUF adapter, a ZIP file or a folder with adapter_config.json and adapter_model.safetensors`,
    );
  } finally {
    await handle.close();
  }
}
