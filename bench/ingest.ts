/**
 * Ingestion through the real queue: MB/s, chunks/s, resident memory, and how long the main event loop was ever held. The bound
 * named beside it: embedding the same chunk texts alone, with nothing else to do, in this run.
 */
import { Readable } from "node:stream";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Platform } from "@lorekeep/platform";
import { BENCH_ACTOR, round, withHouse } from "./house.ts";
import type { BenchResult } from "./result.ts";
import { randomSource, zipfText } from "./synthetic.ts";

const DOCUMENTS = 12;
const PARAGRAPHS = 24;

export async function run(): Promise<BenchResult> {
  return withHouse(async (platform) => {
    const embedder = await platform.models.embedder(platform.config.models.embedder);
    await embedder.embed(["warm"], { kind: "passage" });
    const texts = Array.from({ length: DOCUMENTS }, (_, seed) => document(randomSource(seed + 1)));
    const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    const collection = await platform.library.createCollection(BENCH_ACTOR, { name: "bench" });
    const worker = await platform.startWorker();
    const delay = monitorEventLoopDelay({ resolution: 1 });
    let peakRss = 0;
    const watch = setInterval(() => (peakRss = Math.max(peakRss, process.memoryUsage.rss())), 100);
    delay.enable();
    const started = performance.now();
    for (const [index, text] of texts.entries()) {
      await platform.library.upload(BENCH_ACTOR, {
        collection: collection.id,
        name: `document-${index}.md`,
        mediaType: "text/markdown",
        metadata: {},
        bytes: Readable.from([Buffer.from(text)]),
      });
    }
    await settled(platform);
    const wallMs = performance.now() - started;
    delay.disable();
    clearInterval(watch);
    const stored = await chunkTexts(platform);
    const bound = performance.now();
    await embedder.embed(stored, { kind: "passage" });
    const boundMs = performance.now() - bound;
    await worker.close();
    return {
      name: `Ingest: ${DOCUMENTS} Markdown documents, ${round(bytes / 1e6, 2)} MB, through upload, queue, parser, embedder and index`,
      rows: [
        {
          "MB/s": round(bytes / 1e6 / (wallMs / 1000), 3),
          "chunks/s": round(stored.length / (wallMs / 1000)),
          "embedding alone, chunks/s": round(stored.length / (boundMs / 1000)),
          ratio: round(boundMs / wallMs, 2),
          "peak RSS, MB": round(peakRss / 1e6, 0),
          "longest event loop hold, ms": round(delay.max / 1e6),
          "p99 hold, ms": round(delay.percentile(99) / 1e6),
        },
      ],
      notes: [
        "ratio = time of embedding the same chunks alone / time of the whole ingest; 1 would mean that all else is free.",
      ],
    };
  });
}

function document(random: () => number): string {
  const paragraphs = Array.from({ length: PARAGRAPHS }, (_, index) => {
    const heading = index % 6 === 0 ? `## Section ${index / 6 + 1}\n\n` : "";
    const sentences = Array.from({ length: 6 }, () => zipfText(random, 8 + Math.floor(random() * 16)));
    return `${heading}${sentences.join(" ")}`;
  });
  return `# Synthetic document\n\n${paragraphs.join("\n\n")}\n`;
}

async function settled(platform: Platform): Promise<void> {
  for (;;) {
    const counts = await platform.store.documents.countByStatus();
    if (counts.failed > 0) throw new Error(`${counts.failed} documents failed`);
    if (counts.ready === DOCUMENTS) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function chunkTexts(platform: Platform): Promise<string[]> {
  const texts: string[] = [];
  const { items } = await platform.store.documents.list({ limit: 100 });
  for (const { id } of items) {
    const page = await platform.store.passages.listChunks(id, { limit: 200 });
    texts.push(...page.items.map((chunk) => chunk.text));
  }
  return texts;
}
