/**
 * An installed generator, with the adapter that this release ships for it when that is there and fits. Whether it then writes
 * answers by default is the catalogue's to say: quoting may still be better.
 * An adapter that cannot be used is a warning, and the base serves without it.
 */
import { basename, join } from "node:path";
import { toAppError, type Generator, type Logger } from "@lorekeep/core";
import type { GeneratorEntry } from "./catalogue.ts";
import { sha256OfFile } from "./checksum.ts";
import { openGenerator } from "./generator.ts";
import { fingerprintOf, type InstalledModel } from "./installed.ts";

export interface AnsweringOptions {
  readonly model: InstalledModel<GeneratorEntry>;
  readonly adapterPath: string | undefined;
  readonly threads: number;
  readonly parallelAnswers: number;
  readonly logger: Logger;
}

/** Throws model_failed, model_invalid for the base only. */
export async function openWithAnswering(options: AnsweringOptions): Promise<Generator> {
  const { model, adapterPath, threads, parallelAnswers, logger } = options;
  const { entry } = model;
  const fingerprint = `${entry.name}@${fingerprintOf(model, {})}`;
  const base = {
    name: entry.name,
    fingerprint,
    modelPath: join(model.folder, "model.gguf"),
    contextTokens: entry.contextTokens,
    languages: entry.writes,
    answersFromPassages: entry.answersFromPassages,
    threads,
    parallelAnswers,
    logger,
  };
  const sha256 = adapterPath === undefined ? null : await sha256OfFile(adapterPath).catch(() => null);
  if (adapterPath === undefined || sha256 === null) return openGenerator(base);
  try {
    return await openGenerator({
      ...base,
      fingerprint: `${fingerprint}+${sha256.slice(0, 16)}`,
      adapter: { path: adapterPath, scale: 1 },
      answeringAdapter: basename(adapterPath, ".gguf"),
    });
  } catch (error) {
    logger.warn("generator.adapter-failed", { model: entry.name, code: toAppError(error).code });
    return openGenerator(base);
  }
}
