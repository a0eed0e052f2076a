/** Real weights for `x.model.test.ts`: from the models folder that everything shares, fetched once when a source is reachable. */
import { AppError } from "@lorekeep/core";
import { recordingLogger } from "@lorekeep/core/testing";
import { findModel, type EmbedderEntry, type GeneratorEntry } from "../catalogue.ts";
import { pullModel } from "../download.ts";
import type { InstalledModel } from "../installed.ts";
import { defaultModelsFolder } from "../open-models.ts";
import { hubOptions } from "../sources/hub.ts";

async function pull(name: string): Promise<InstalledModel | null> {
  try {
    return await pullModel(findModel(name)!, {
      folder: defaultModelsFolder(process.env),
      source: "auto",
      sourceFolder: null,
      offline: false,
      hub: hubOptions(process.env),
      logger: recordingLogger(),
    });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    console.warn(`Skipped, no weights of ${name}: ${error.message}`);
    return null;
  }
}

/** null, with the reason printed, where no source of weights is reachable. */
export async function realEmbedder(name: string): Promise<InstalledModel<EmbedderEntry> | null> {
  return (await pull(name)) as InstalledModel<EmbedderEntry> | null; // the tests name embedders only
}
export async function realGenerator(name: string): Promise<InstalledModel<GeneratorEntry> | null> {
  return (await pull(name)) as InstalledModel<GeneratorEntry> | null; // the tests name generators only
}
