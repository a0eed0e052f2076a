/**
 * Ingestion through the real queue: MB/s, chunks/s, resident memory, and how long the main event loop was ever held. The bound
 * named beside it: embedding the same chunk texts alone, with nothing else to do, in this run.
 */
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import type { Platform } from "@lorekeep/platform";
import { watchLoop } from "./event-loop.ts";
import { round } from "./figures.ts";
import { BENCH_ACTOR, withHouse } from "./house.ts";
import type { BenchResult } from "./result.ts";
import { randomSource, zipfText } from "./synthetic.ts";

const DOCUMENTS = 12;
const PARAGRAPHS = 24;

export async function run(): Promise<BenchResult> {
  return withHouse(async (platform) => {
    await allModels(platform);
    const embedder = await platform.models.embedder(platform.config.models.embedder);
    await embedder.embed(["warm"], { kind: "passage" });
    const texts = Array.from({ length: DOCUMENTS }, (_, seed) => document(randomSource(seed + 1)));
    const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    const collection = await platform.library.createCollection(BENCH_ACTOR, { name: "bench" });
    const worker = await platform.startWorker();
    const peak = watchMemory();
    const holds = watchLoop();
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
    const held = holds.stop();
    const memory = peak.stop();
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
          ...memory,
          "longest event loop hold, ms": held.wall.longest,
          "p99 hold, ms": held.wall.p99,
          "longest hold, CPU ms": held.cpu.longest,
          "p99 hold, CPU ms": held.cpu.p99,
        },
      ],
      notes: [
        "Embedder, generator and reader are loaded. Mapped files (models, programs) are counted in RSS though the system may drop them; own memory is the rest.",
        "CPU ms: processor time that the main thread used between two turns of its event loop; other programs do not show in it.",
        "ratio = time of embedding the same chunks alone / time of the whole ingest; 1 would mean that all else is free.",
      ],
    };
  });
}

/** What a running server has in memory. */
async function allModels({ models }: Platform): Promise<void> {
  await models.generator();
  await models.reader();
}

/** Largest resident size, and the part of it that is not a mapped file, where the system tells (Linux). */
function watchMemory(): { stop(): Record<string, number> } {
  let [rss, own] = [0, 0];
  const look = (): void => {
    rss = Math.max(rss, process.memoryUsage.rss());
    if (process.platform !== "linux") return;
    const kilobytes = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1];
    own = Math.max(own, Number(kilobytes ?? 0) * 1024);
  };
  const timer = setInterval(look, 100);
  return {
    stop: () => {
      clearInterval(timer);
      return { "peak RSS, MB": round(rss / 1e6, 0), "peak own memory, MB": round(own / 1e6, 0) };
    },
  };
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
