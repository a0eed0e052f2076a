/**
 * Models for tests: the hash embedder of core under any name, and a generator that is missing unless a test scripts one.
 * Embedding can be made to fail, to wait, or to be missing.
 */
import { AppError } from "@lorekeep/core";
import type { Embedder, Generator, Reader } from "@lorekeep/core";
import { hashEmbedder } from "@lorekeep/core/testing";
import type { Models } from "../platform.ts";

const DIMENSIONS = 96;
const MAX_TOKENS = 400;

export interface FakeModels extends Models {
  /** Texts embedded so far, in order. */
  readonly embedded: string[];
  /** Thrown by every call of `embed` while set. */
  failWith: AppError | null;
  /** Taken for missing while true. */
  isMissing: boolean;
  /** Runs before each call of `embed`. */
  beforeEmbed: (() => Promise<void>) | null;
  generatorDriver: Generator | null;
  readerDriver: Reader | undefined;
  close(): Promise<void>;
}

export function fakeModels(): FakeModels {
  const fake: FakeModels = {
    embedded: [],
    failWith: null,
    isMissing: false,
    beforeEmbed: null,
    generatorDriver: null,
    readerDriver: undefined,
    embedder: async (name) => {
      if (fake.isMissing) throw new AppError("model_missing", `The model ${name} is not there.`);
      return hookedEmbedder(name, fake);
    },
    generator: async () => {
      if (fake.generatorDriver === null) throw new AppError("model_missing", "No generator in this test.");
      return fake.generatorDriver;
    },
    reader: async () => ({ reader: fake.readerDriver, reason: fake.readerDriver ? null : "No reader in this test." }),
    list: async () => [],
    pull: async (name) => {
      throw new AppError("model_download_failed", `The model ${name} cannot be fetched in tests.`);
    },
    close: async () => undefined,
  };
  return fake;
}

/** Rejects when the signal fires, as a real driver does; never settles otherwise. */
function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => reject(new AppError("aborted", "Embedding was stopped."));
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

function hookedEmbedder(name: string, fake: FakeModels): Embedder {
  const embedder = hashEmbedder({ name, fingerprint: `hash:${name}`, dimensions: DIMENSIONS, maxTokens: MAX_TOKENS });
  return {
    ...embedder,
    embed: async (texts, options) => {
      if (fake.beforeEmbed) await Promise.race([fake.beforeEmbed(), aborted(options.signal)]);
      if (fake.failWith !== null) throw fake.failWith;
      const vectors = await embedder.embed(texts, options);
      if (options.kind === "passage") fake.embedded.push(...texts);
      return vectors;
    },
  };
}
