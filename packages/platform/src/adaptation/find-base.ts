/** The file behind a base's name: a model of the catalogue that is installed, or a GGUF file of the user's own. */
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { AppError } from "@lorekeep/core";
import type { Config, Language } from "@lorekeep/core";
import { modelsFolder } from "../data-folder.ts";

export interface BaseFile {
  readonly name: string;
  readonly path: string;
  readonly fingerprint: string;
  readonly licence: string | null;
  readonly huggingFaceId: string;
  readonly contextTokens: number;
  readonly languages: readonly Language[];
}

/** Unquantised weights of the bases that can be trained, for trainers elsewhere. */
const HUGGING_FACE_IDS: Readonly<Record<string, string>> = {
  "smollm2-135m-instruct": "HuggingFaceTB/SmolLM2-135M-Instruct",
  "smollm2-360m-instruct": "HuggingFaceTB/SmolLM2-360M-Instruct",
  "smollm2-1.7b-instruct": "HuggingFaceTB/SmolLM2-1.7B-Instruct",
};
const FILE_CONTEXT_TOKENS = 4096;

/** Throws model_missing, model_unsupported. */
export async function findBase(config: Config, name: string): Promise<BaseFile> {
  if (name.startsWith("openai:"))
    throw new AppError(
      "model_unsupported",
      "A remote model cannot be trained here. Choose a base that runs on this machine, such as smollm2-135m-instruct.",
    );
  if (name.toLowerCase().endsWith(".gguf")) return ownFile(name);
  const { findInstalled, findModel } = await import("@lorekeep/models");
  const entry = findModel(name);
  if (entry?.role !== "generator")
    throw new AppError("model_missing", `${name} is neither a generator of the catalogue nor a GGUF file.`, {
      model: name,
    });
  const installed = await findInstalled(entry, modelsFolder(config));
  if (installed === null)
    throw new AppError("model_missing", `The model ${name} is not installed. Fetch it with \`lorekeep models pull\`.`, {
      model: name,
    });
  const hash = createHash("sha256").update(JSON.stringify(installed.manifest.fetched)).digest("hex");
  return {
    name,
    path: join(installed.folder, "model.gguf"),
    fingerprint: `${name}@${hash.slice(0, 16)}`,
    licence: entry.licence,
    huggingFaceId: HUGGING_FACE_IDS[name] ?? name,
    contextTokens: entry.contextTokens,
    languages: entry.writes,
  };
}

async function ownFile(path: string): Promise<BaseFile> {
  const info = await stat(path).catch(() => null);
  if (info?.isFile() !== true)
    throw new AppError("model_missing", `There is no model file ${path}. Correct the path.`, { path });
  return {
    name: path,
    path,
    fingerprint: `${basename(path)}@${info.size}-${Math.round(info.mtimeMs)}`,
    licence: null,
    huggingFaceId: basename(path).replace(/\.gguf$/i, ""),
    contextTokens: FILE_CONTEXT_TOKENS,
    languages: ["en", "zh", "other"],
  };
}
