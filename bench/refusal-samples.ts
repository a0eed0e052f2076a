/**
 * Questions asked of a corpus through the real write and read path up to the packed context, as samples to fit verdicts on. A world is
 * one corpus with questions that it answers and questions that it does not.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { Readable } from "node:stream";
import { systemClock } from "@lorekeep/core";
import type { Embedder, Passage } from "@lorekeep/core";
import { parseDocument } from "@lorekeep/ingest";
import { ingestDocument, retrieve } from "@lorekeep/rag";
import type { EvalDocument } from "@lorekeep/rag";
import { openStore } from "@lorekeep/store";
import { readQuestion } from "../packages/rag/src/question.ts";
import type { Question } from "../packages/rag/src/question.ts";
import { exactIndex } from "../packages/rag/src/testing/exact-index.ts";
import { loadTermWeights } from "../packages/rag/src/text/term-weights.ts";
import { contentTerms } from "../packages/rag/src/text/terms.ts";
import { silentLogger } from "../scripts/train/silent-logger.ts";

export interface WorldQuestion {
  readonly text: string;
  /** `adversarial`: about the corpus, and not answered by it. */
  readonly kind: "on" | "off" | "adversarial";
  readonly answers?: readonly string[];
  /** Samples of one document are fitted on or tested on, never both. */
  readonly group: string;
}

export interface World {
  readonly name: string;
  readonly documents: readonly EvalDocument[];
  readonly questions: readonly WorldQuestion[];
}

/** Plain data, so that it can be kept: what a verdict sees of one question. */
export interface WorldSample extends WorldQuestion {
  readonly world: string;
  readonly passages: readonly Passage[];
  /** Of the question's terms in this corpus. */
  readonly weights: Readonly<Record<string, number>>;
}

const MIGRATIONS = join(import.meta.dirname, "../migrations");

/** A fixed, even-handed sample: by the hash of the text. */
export function sample<Item>(
  items: readonly Item[],
  count: number,
  salt: string,
  textOf: (item: Item) => string,
): Item[] {
  const order = (item: Item): string =>
    createHash("sha256")
      .update(`${salt}\0${textOf(item)}`)
      .digest("hex");
  return items.toSorted((left, right) => (order(left) < order(right) ? -1 : 1)).slice(0, count);
}

export const isEven = (text: string): boolean => createHash("sha256").update(text).digest()[0]! % 2 === 0;

export const questionOf = ({ text, weights }: WorldSample): Question => readQuestion(text, (key) => weights[key] ?? 1);

export async function collectSamples(world: World, embedder: Embedder): Promise<WorldSample[]> {
  const store = openStore({ path: ":memory:", migrationsFolder: MIGRATIONS, logger: silentLogger });
  const bytesOf = new Map<string, Buffer>();
  const index = exactIndex(store.vectors);
  const embedderFor = async (): Promise<Embedder> => embedder;
  const collection = await store.collections.create({
    ...{ name: world.name, language: "auto", embedder: embedder.name, embedderFingerprint: embedder.fingerprint },
    dimensions: embedder.dimensions,
    chunking: { maxTokens: 200, overlapTokens: 32 },
    retrieval: { passageCount: 6, denseWeight: 0.5, refusalThreshold: 0.5 },
  });
  const blobs = {
    localPath: async (sha256: string) => sha256,
    open: async (sha256: string) => Readable.from([bytesOf.get(sha256)!]),
  };
  const parser = {
    parse: async ({ path, name, mediaType }: { path: string; name: string; mediaType: string | null }) =>
      parseDocument(bytesOf.get(path)!, { name, mediaType }),
  };
  for (const { id, title, text } of world.documents) {
    const bytes = Buffer.from(text);
    const blob = createHash("sha256").update(bytes).digest("hex");
    bytesOf.set(blob, bytes);
    const { document } = await store.documents.admit({
      ...{ collectionId: collection.id, name: title, title, externalId: id, source: "text", mediaType: "text/plain" },
      ...{ sizeBytes: bytes.length, blob, metadata: {} },
    });
    await ingestDocument(
      { documentId: document.id },
      { ...store, blobs, parser, embedderFor, index, clock: systemClock, logger: silentLogger },
    );
  }
  const samples: WorldSample[] = [];
  for (const question of world.questions) {
    const { passages } = await retrieve(
      { query: question.text, collections: [collection], limit: 20 },
      { ...store, index, embedderFor },
    );
    const keys = contentTerms(question.text.normalize("NFKC")).map(({ key }) => key);
    const weight = await loadTermWeights(store.passages, [collection.generationId], keys);
    const weights = Object.fromEntries(keys.map((key) => [key, weight(key)]));
    samples.push({ ...question, world: world.name, passages, weights });
  }
  await store.close();
  return samples;
}
