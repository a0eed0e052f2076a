/**
 * Models for tests: an embedder that hashes words into a unit vector (equal words, near vectors), and a generator that is
 * missing unless a test scripts one. Either can be told to fail.
 */
import { createHash } from "node:crypto";
import { AppError } from "@lorekeep/core";
import type { Embedder, Generator } from "@lorekeep/core";
import { estimateTokens } from "../lexical-only-embedder.ts";
import type { Models } from "../platform.ts";

const DIMENSIONS = 96;

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
  close(): Promise<void>;
}

function hashVector(text: string, salt: string): Float32Array {
  const vector = new Float32Array(DIMENSIONS);
  const words = text
    .normalize("NFKC")
    .toLowerCase()
    .match(/\p{Script=Han}|[\p{L}\p{N}]+/gu) ?? ["nothing"];
  for (const word of words) {
    const digest = createHash("md5")
      .update(salt + word)
      .digest();
    for (let at = 0; at < 4; at += 1) {
      const slot = digest.readUInt16LE(at * 4) % DIMENSIONS;
      vector[slot] = vector[slot]! + (digest[at * 4 + 2]! % 2 === 0 ? 1 : -1);
    }
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

export function fakeModels(): FakeModels {
  const fake: FakeModels = {
    embedded: [],
    failWith: null,
    isMissing: false,
    beforeEmbed: null,
    generatorDriver: null,
    embedder: async (name) => {
      if (fake.isMissing) throw new AppError("model_missing", `The model ${name} is not there.`);
      return hashEmbedder(name, fake);
    },
    generator: async () => {
      if (fake.generatorDriver === null) throw new AppError("model_missing", "No generator in this test.");
      return fake.generatorDriver;
    },
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

function hashEmbedder(name: string, fake: FakeModels): Embedder {
  return {
    name,
    fingerprint: `hash:${name}`,
    dimensions: DIMENSIONS,
    maxTokens: 400,
    embed: async (texts, { kind, signal }) => {
      if (fake.beforeEmbed) await Promise.race([fake.beforeEmbed(), aborted(signal)]);
      if (fake.failWith !== null) throw fake.failWith;
      if (kind === "passage") fake.embedded.push(...texts);
      return texts.map((text) => hashVector(text, name));
    },
    countTokens: async (texts) => texts.map(estimateTokens),
    close: async () => undefined,
  };
}
