/**
 * The registry of models: names from the configuration → running drivers. Models are loaded when first asked for and kept; what
 * is missing is fetched by `pull`, what cannot be fetched is said (model_missing) and everything else goes on. A name is a catalogue
 * name, `openai:BASE_URL#MODEL`, or for the generator a path to a GGUF file.
 */
import { homedir } from "node:os";
import { join } from "node:path";
import { AppError, toAppError, type Embedder, type Generator, type Logger, type ModelStatus } from "@lorekeep/core";
import {
  CATALOGUE,
  downloadBytes,
  findModel,
  type CatalogueEntry,
  type EmbedderEntry,
  type GeneratorEntry,
} from "./catalogue.ts";
import { findInstalled, missingModel, pullModel, type DownloadOptions, type SourceKind } from "./download.ts";
import { openEmbedder } from "./embedder.ts";
import { openGenerator } from "./generator.ts";
import { ggufFileOptions, isGgufPath } from "./gguf-file.ts";
import { openaiEmbedder } from "./openai-embedder.ts";
import { openaiGenerator } from "./openai-generator.ts";
import { isOpenaiName, parseOpenaiName } from "./openai-request.ts";
import { openWithAnswering } from "./open-with-answering.ts";
import type { Progress } from "./progress.ts";
import { openShippedReader, type ReaderState } from "./shipped-reader.ts";
import { hubOptions, type HubOptions } from "./sources/hub.ts";
import type { PipOptions } from "./sources/pip.ts";

export interface ModelsOptions {
  /** The models folder, see `defaultModelsFolder`. */
  readonly folder: string;
  readonly source: SourceKind;
  readonly sourceFolder: string | null;
  readonly offline: boolean;
  readonly embedder: string;
  readonly generator: string;
  readonly openaiApiKey: string | null;
  /** 0 = all cores. */
  readonly threads: number;
  readonly parallelAnswers: number;
  readonly logger: Logger;
  readonly hub?: HubOptions;
  readonly pip?: PipOptions;
  readonly catalogue?: readonly CatalogueEntry[];
}

export interface ModelRegistry {
  /** Loads it when needed. Throws model_missing, model_failed. */
  embedder(name: string): Promise<Embedder>;
  /** The configured one. Throws model_missing, model_failed. */
  generator(): Promise<Generator>;
  /**
   * The reader that came with this release, when its file and its encoder are there; else why not. Loads it when needed; never throws
   * but when closed.
   */
  reader(): Promise<ReaderState>;
  list(): Promise<ModelStatus[]>;
  /** Fetches a catalogue model unless it is there; callers at the same time share one download. Throws as `pullModel`. */
  pull(name: string, signal?: AbortSignal): Promise<void>;
  /** Ends every driver; what is being fetched is left for the next time. */
  close(): Promise<void>;
}

/** `LOREKEEP_MODELS`, else the user's cache folder: shared by all data folders and by the tests. */
export function defaultModelsFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const cache = environment.XDG_CACHE_HOME ?? "";
  return environment.LOREKEEP_MODELS ?? join(cache === "" ? join(homedir(), ".cache") : cache, "lorekeep", "models");
}

interface Activity {
  loading: boolean;
  progress: Progress | null;
  failure: AppError | null;
}

class Registry implements ModelRegistry {
  readonly #options: ModelsOptions;
  readonly #download: DownloadOptions;
  readonly #embedders = new Map<string, Promise<Embedder>>();
  readonly #pulls = new Map<string, Promise<void>>();
  readonly #activities = new Map<string, Activity>();
  readonly #closing = new AbortController();
  #generator: Promise<Generator> | null = null;
  #reader: Promise<ReaderState> | null = null;

  constructor(options: ModelsOptions) {
    this.#options = options;
    const { folder, source, sourceFolder, offline, logger } = options;
    this.#download = {
      folder,
      source,
      sourceFolder,
      offline,
      logger,
      hub: options.hub ?? hubOptions(process.env),
      ...(options.pip === undefined ? {} : { pip: options.pip }),
    };
  }

  embedder(name: string): Promise<Embedder> {
    const known = this.#embedders.get(name);
    if (known !== undefined) return known;
    const opening = this.#watched(name, () => this.#openEmbedder(name));
    this.#embedders.set(name, opening);
    opening.catch(() => this.#embedders.delete(name)); // the next call tries again
    return opening;
  }

  generator(): Promise<Generator> {
    if (this.#generator !== null) return this.#generator;
    const opening = this.#watched(this.#options.generator, () => this.#openGenerator(this.#options.generator));
    this.#generator = opening;
    opening.catch(() => {
      this.#generator = null;
    });
    return opening;
  }

  reader(): Promise<ReaderState> {
    if (this.#closing.signal.aborted) return Promise.reject(new AppError("aborted", "The models are being closed."));
    if (this.#reader !== null) return this.#reader;
    const { catalogue = CATALOGUE, folder, threads, logger } = this.#options;
    const opening = openShippedReader({ catalogue, folder, threads, logger, signal: this.#closing.signal });
    this.#reader = opening;
    void opening.then((state) => {
      if (state.reader === undefined && state.mayCome) this.#reader = null; // the next call looks again
    });
    return opening;
  }

  async list(): Promise<ModelStatus[]> {
    const { embedder, generator, catalogue = CATALOGUE } = this.#options;
    const listed = catalogue.filter((entry) => entry.role === "embedder" || entry.role === "generator");
    const items = await Promise.all(listed.map((entry) => this.#statusOf(entry)));
    const outside = [
      { name: embedder, role: "embedder" as const },
      { name: generator, role: "generator" as const },
    ].filter(({ name }) => findModel(name, listed) === undefined);
    return [...outside.map(({ name, role }) => this.#statusOfOutsider(name, role)), ...items];
  }

  async pull(name: string, signal?: AbortSignal): Promise<void> {
    const entry = this.#entry(name);
    if (entry === undefined) {
      if (isOpenaiName(name) || isGgufPath(name)) return;
      throw new AppError("not_found", `There is no model ${name} in the catalogue.`, { model: name });
    }
    const running = this.#pulls.get(name);
    if (running !== undefined) return running;
    const signals = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    const pulling = this.#watched(name, async (activity) => {
      await pullModel(entry, this.#download, {
        signal: signals,
        onProgress: (progress) => {
          activity.progress = progress;
        },
      });
    }).finally(() => this.#pulls.delete(name));
    this.#pulls.set(name, pulling);
    return pulling;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#pulls.values());
    const drivers = await Promise.allSettled([
      ...this.#embedders.values(),
      ...(this.#generator === null ? [] : [this.#generator]),
    ]);
    for (const driver of drivers) if (driver.status === "fulfilled") await driver.value.close();
    await (await this.#reader)?.reader?.close();
  }

  #entry(name: string): CatalogueEntry | undefined {
    return findModel(name, this.#options.catalogue ?? CATALOGUE);
  }

  /** Notes that something is under way for this name, and how it failed. */
  async #watched<Value>(name: string, work: (activity: Activity) => Promise<Value>): Promise<Value> {
    if (this.#closing.signal.aborted) throw new AppError("aborted", "The models are being closed.");
    const activity: Activity = { loading: true, progress: null, failure: null };
    this.#activities.set(name, activity);
    try {
      return await work(activity);
    } catch (error) {
      activity.failure = toAppError(error);
      throw error;
    } finally {
      activity.loading = false;
      activity.progress = null;
    }
  }

  /** Waits for a running download, then looks into the models folder. */
  async #installed<Entry extends CatalogueEntry>(entry: Entry): ReturnType<typeof pullModel<Entry>> {
    await this.#pulls.get(entry.name)?.catch(() => undefined);
    const found = await findInstalled(entry, this.#options.folder);
    if (found === null) throw missingModel(entry.name, [], this.#options);
    return found;
  }

  async #openEmbedder(name: string): Promise<Embedder> {
    const { threads, logger, openaiApiKey } = this.#options;
    if (isOpenaiName(name)) return openaiEmbedder({ ...parseOpenaiName(name), name, apiKey: openaiApiKey });
    const entry = this.#entry(name);
    if (entry?.role !== "embedder") throw unknownModel(name, "embedder");
    return openEmbedder(await this.#installed<EmbedderEntry>(entry), { threads, logger });
  }

  async #openGenerator(name: string): Promise<Generator> {
    const { threads, parallelAnswers, logger, openaiApiKey } = this.#options;
    if (isOpenaiName(name)) return openaiGenerator({ ...parseOpenaiName(name), name, apiKey: openaiApiKey });
    const shared = { threads, parallelAnswers, logger };
    if (isGgufPath(name)) return openGenerator({ ...shared, ...(await ggufFileOptions(name)) });
    const entry = this.#entry(name);
    if (entry?.role !== "generator") throw unknownModel(name, "generator");
    const model = await this.#installed(entry);
    return openWithAnswering({ ...shared, model, adapterPath: entry.answeringAdapter });
  }

  #isInUse(name: string): boolean {
    return name === this.#options.embedder || name === this.#options.generator || this.#embedders.has(name);
  }

  async #statusOf(entry: EmbedderEntry | GeneratorEntry): Promise<ModelStatus> {
    const { name, licence, languages } = entry;
    const activity = this.#activities.get(name);
    const installed = await findInstalled(entry, this.#options.folder);
    const sizes = Object.values(installed?.manifest.files ?? {}).map((file) => file.sizeBytes);
    const progress = activity?.progress ?? null;
    const state = this.#pulls.has(name)
      ? "downloading"
      : activity?.loading === true
        ? "loading"
        : installed === null
          ? "missing"
          : activity?.failure != null && activity.failure.code !== "aborted"
            ? "failed"
            : "ready";
    return {
      name,
      role: entry.role,
      state,
      inUse: this.#isInUse(name),
      licence,
      languages,
      sizeBytes: installed === null ? (downloadBytes(entry) ?? 0) : sizes.reduce((sum, size) => sum + size, 0),
      progress:
        progress === null
          ? null
          : { doneBytes: progress.doneBytes, totalBytes: progress.totalBytes, bytesPerSecond: progress.bytesPerSecond },
      detail: activity?.failure?.message ?? (entry.tested ? null : "Not tested by us."),
    };
  }

  /** A remote model or a file of the user's own. */
  #statusOfOutsider(name: string, role: "embedder" | "generator"): ModelStatus {
    const activity = this.#activities.get(name);
    const state = activity?.loading === true ? "loading" : activity?.failure != null ? "failed" : "ready";
    const detail = activity?.failure?.message ?? null;
    return { name, role, state, inUse: true, licence: "", languages: "", sizeBytes: 0, progress: null, detail };
  }
}

function unknownModel(name: string, role: string): AppError {
  return new AppError("model_missing", `${name} is no ${role} of the catalogue. \`lorekeep models list\` shows them.`, {
    model: name,
  });
}

/** Opens nothing yet: cheap and cannot fail. */
export function openModels(options: ModelsOptions): ModelRegistry {
  return new Registry(options);
}
