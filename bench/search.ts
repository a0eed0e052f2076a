/**
 * Search through the product's own use case at 1,000, 10,000 and 100,000 chunks: p50 and p95 a mode, the real embedder for
 * the query, synthetic chunks. The bound named beside it: an exact scan of the same vectors in this run.
 */
import { createHash } from "node:crypto";
import type { CollectionId, GenerationId } from "@lorekeep/core";
import type { Platform } from "@lorekeep/platform";
import { percentile, round } from "./figures.ts";
import { BENCH_ACTOR, withHouse } from "./house.ts";
import type { BenchResult } from "./result.ts";
import { clusteredVectors, randomSource, syntheticChunk, zipfText, type VectorSpace } from "./synthetic.ts";

const SIZES = [1_000, 10_000, 100_000];
const CHUNKS_PER_DOCUMENT = 500;
const QUERIES = 100;
const MODES = ["lexical", "dense", "hybrid"] as const;

export async function run(): Promise<BenchResult> {
  return withHouse(async (platform) => {
    const rows: Record<string, string | number>[] = [];
    await platform.models.embedder(platform.config.models.embedder);
    for (const size of SIZES) {
      const random = randomSource(size);
      const collection = await platform.library.createCollection(BENCH_ACTOR, { name: `synthetic ${size}` });
      const space = clusteredVectors(random, 384);
      const started = performance.now();
      await fill(platform, collection, size, { random, space });
      const filledMs = performance.now() - started;
      await platform.index.compact(collection.generationId);
      const builtMs = performance.now() - started - filledMs;
      const scanMs = exactScan(space, size);
      for (const mode of MODES) rows.push(await measure(platform, { collectionId: collection.id, size, mode, scanMs }));
      console.error(
        `  ${size} chunks stored in ${round(filledMs / 1000)} s, graph built in ${round(builtMs / 1000)} s`,
      );
    }
    return {
      name: "Search: milliseconds a query, top 10, query embedding included in dense and hybrid",
      rows,
      notes: [
        "exact scan = dot products over all vectors in plain JS in this run: what dense search would cost without an index.",
        "Text is Zipf-distributed; queries have six words, stop words among them.",
      ],
    };
  });
}

async function fill(
  platform: Platform,
  collection: { id: CollectionId; generationId: GenerationId },
  size: number,
  { random, space }: { random: () => number; space: VectorSpace },
): Promise<void> {
  const { documents, versions } = platform.store;
  for (let first = 0; first < size; first += CHUNKS_PER_DOCUMENT) {
    const blob = createHash("sha256").update(`${size}:${first}`).digest("hex");
    const { document } = await documents.admit({
      collectionId: collection.id,
      name: `synthetic-${first}.txt`,
      source: "text",
      mediaType: "text/plain",
      sizeBytes: 1,
      blob,
      metadata: {},
    });
    const versionId = await versions.begin({ documentId: document.id, generationId: collection.generationId, blob });
    const count = Math.min(CHUNKS_PER_DOCUMENT, size - first);
    for (let at = 0; at < count; at += 64) {
      const slice = Array.from({ length: Math.min(64, count - at) }, (_, index) =>
        syntheticChunk(random, space, at + index),
      );
      await versions.stageChunks(versionId, slice);
    }
    await versions.publish(versionId);
    await documents.setStatus(document.id, "ready");
  }
  await platform.index.refresh(collection.generationId);
}

async function measure(
  platform: Platform,
  given: { collectionId: CollectionId; size: number; mode: (typeof MODES)[number]; scanMs: number },
): Promise<Record<string, string | number>> {
  const random = randomSource(7);
  const samples: number[] = [];
  let plan: unknown = null;
  for (let index = 0; index < QUERIES + 10; index += 1) {
    const query = zipfText(random, 6);
    const started = performance.now();
    const found = await platform.assistant.search(BENCH_ACTOR, {
      query,
      collections: [given.collectionId],
      limit: 10,
      mode: given.mode,
      explain: false,
    });
    if (index >= 10) samples.push(performance.now() - started);
    plan = found.plan;
  }
  const dense = JSON.stringify(plan).match(/"(exact|hnsw(?:\+tail)?)"/)?.[1] ?? "–";
  return {
    chunks: given.size,
    mode: given.mode,
    p50: round(percentile(samples, 50)),
    p95: round(percentile(samples, 95)),
    "exact scan": given.mode === "lexical" ? "" : round(given.scanMs),
    "p50 / scan": given.mode === "lexical" ? "" : round(percentile(samples, 50) / given.scanMs, 2),
    index: given.mode === "lexical" ? "fts" : dense,
  };
}

/** Median milliseconds of dot products of one query with `size` vectors. */
function exactScan(space: VectorSpace, size: number): number {
  const dimensions = 384;
  const matrix = new Float32Array(size * dimensions);
  const distinct = Math.min(size, 2_000);
  for (let row = 0; row < distinct; row += 1) matrix.set(space.draw(), row * dimensions);
  for (let row = distinct; row < size; row += distinct)
    matrix.copyWithin(row * dimensions, 0, Math.min(distinct, size - row) * dimensions);
  const samples: number[] = [];
  for (let trial = 0; trial < 5; trial += 1) {
    const query = space.draw();
    const started = performance.now();
    let best = -1;
    for (let row = 0; row < size; row += 1) {
      let sum = 0;
      for (let at = row * dimensions, index = 0; index < dimensions; at += 1, index += 1)
        sum += (matrix[at] ?? 0) * (query[index] ?? 0);
      if (sum > best) best = sum;
    }
    samples.push(performance.now() - started);
  }
  return percentile(samples, 50);
}
