import { access, mkdtemp, readdir, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { AppError } from "@lorekeep/core";
import type { GenerationId, VectorIndex, VectorSource } from "@lorekeep/core";
import {
  bruteForce,
  describeVectorIndex,
  memoryVectorSource,
  recall,
  recordingLogger,
  vectorMaker,
  waitUntil,
} from "@lorekeep/core/testing";
import type { MemoryVectorSource, RecordingLogger } from "@lorekeep/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadHnswlib } from "./hnsw-graph.ts";
import { openVectorIndex } from "./open-vector-index.ts";
import { startInline } from "./testing/start-inline.ts";

const SIZE = 2_500;

for (const hnsw of ["auto", "off"] as const) {
  describeVectorIndex(`hnsw ${hnsw}`, SIZE, async () => {
    const folder = await mkdtemp(join(tmpdir(), "lorekeep-index-"));
    const opened: VectorIndex[] = [];
    return {
      async open(source) {
        const index = openVectorIndex(
          { folder, source, logger: recordingLogger(), hnsw, exactBelow: 1_000 },
          startInline,
        );
        opened.push(index);
        return index;
      },
      async close() {
        await Promise.all(opened.map((index) => index.close()));
        await rm(folder, { recursive: true });
      },
    };
  });
}

describe.skipIf(loadHnswlib() === null)("snapshots of the index", () => {
  const DIMENSIONS = 24;
  const generationId = "gen_files" as GenerationId;
  let folder: string;
  let source: MemoryVectorSource;
  let next: () => Float32Array;
  let logger: RecordingLogger;
  const opened: VectorIndex[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "lorekeep-index-"));
    source = memoryVectorSource(DIMENSIONS);
    next = vectorMaker({ dimensions: DIMENSIONS, seed: 4 });
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((index) => index.close()));
    await rm(folder, { recursive: true, force: true });
  });
  const fill = (from: number, to: number) => {
    for (let seq = from; seq < to; seq += 1) source.put(seq, next());
  };
  const open = (from: VectorSource = source, into = folder): VectorIndex => {
    logger = recordingLogger();
    const index = openVectorIndex({ folder: into, source: from, logger, exactBelow: 1_000 }, startInline);
    opened.push(index);
    return index;
  };
  const fromSnapshot = () =>
    logger.lines.findLast(({ event }) => event === "index.opened")?.fields["fromSnapshotCount"];
  const expectSound = async (index: VectorIndex) => {
    let sum = 0;
    for (let i = 0; i < 20; i += 1) {
      const query = next();
      const { neighbours } = await index.search({ generationId, vector: query, k: 10 });
      sum += recall(neighbours, bruteForce(source, query, 10));
    }
    expect(sum / 20).toBeGreaterThanOrEqual(0.97);
    expect(await index.verify(generationId)).toMatchObject({ missing: 0, orphans: 0, healed: false });
  };

  test("a large generation gets its graph and its snapshot in the background", async () => {
    fill(0, 2_500);
    const index = open();
    await index.refresh(generationId);
    const status = await waitUntil(
      async () => {
        const now = await index.status(generationId);
        return now !== null && now.snapshotBytes > 0 ? now : null;
      },
      { what: "a snapshot" },
    );
    expect(status).toMatchObject({ hnsw: true, tailCount: 0, vectorCount: 2_500 });
    expect((await index.search({ generationId, vector: next(), k: 5 })).plan).toBe("hnsw");
    expect(await readdir(folder)).toHaveLength(3);
  });

  test("I4 after a kill the snapshot loads, and what it lacks comes from the source", async () => {
    fill(0, 2_500);
    const index = open();
    await index.refresh(generationId);
    await index.compact(generationId);
    fill(2_500, 2_600); // in the tail, never saved
    source.remove(17);
    const changed = next();
    source.put(18, changed); // the graph on disk has another vector for it
    await index.refresh(generationId);
    const again = open(); // nothing was closed: the files are what a killed process leaves
    const status = await again.refresh(generationId);
    expect(status).toMatchObject({ vectorCount: 2_599, tailCount: 101, hnsw: true });
    expect(fromSnapshot()).toBe(2_498);
    expect((await again.search({ generationId, vector: changed, k: 1 })).neighbours[0]?.seq).toBe(18);
    await expectSound(again);
  });

  test("I5 a damaged snapshot is refused and built again, never a crash", async () => {
    fill(0, 2_000);
    const index = open();
    await index.refresh(generationId);
    await index.compact(generationId);
    await index.close();
    const name = (await readdir(folder)).find((file) => file.endsWith(".hnsw"))!;
    await truncate(join(folder, name), 50_000);
    const again = open();
    await again.refresh(generationId);
    expect(fromSnapshot()).toBe(0);
    expect(logger.lines).toContainEqual(
      expect.objectContaining({
        level: "warn",
        event: "index.snapshot_refused",
        fields: { generationId, reason: "damaged" },
      }),
    );
    await waitUntil(async () => (await again.status(generationId))?.tailCount === 0, { what: "the rebuild" });
    await expectSound(again);
  });

  test("I5 a snapshot of other data is used only where it agrees", async () => {
    fill(0, 2_000);
    const index = open();
    await index.refresh(generationId);
    await index.compact(generationId);
    await index.close();
    const other = memoryVectorSource(DIMENSIONS);
    for (const [seq, vector] of source.rows) other.put(seq, seq < 1_000 ? vector : next());
    source = other;
    const again = open();
    await again.refresh(generationId);
    expect(fromSnapshot()).toBe(1_000);
    await expectSound(again);
  });

  test("the folder may vanish while the index is open", async () => {
    fill(0, 2_000);
    const index = open();
    await index.refresh(generationId);
    await index.compact(generationId);
    await rm(folder, { recursive: true });
    await expectSound(index);
    await index.compact(generationId);
    expect(await readdir(folder)).toHaveLength(3);
  });

  test("a snapshot that cannot be written costs nothing but a warning", async () => {
    fill(0, 2_000);
    const index = open(source, "/dev/null/not-a-folder");
    await index.refresh(generationId);
    const status = await index.compact(generationId);
    expect(status).toMatchObject({ hnsw: true, snapshotBytes: 0 });
    expect(logger.lines.some(({ event }) => event === "index.snapshot_failed")).toBe(true);
    await expectSound(index);
  });

  test("dropping deletes the files", async () => {
    fill(0, 1_500);
    const index = open();
    await index.refresh(generationId);
    await index.compact(generationId);
    await index.drop(generationId);
    expect(await readdir(folder)).toEqual([]);
    await access(folder);
  });

  test("a journal that no longer reaches back is answered by reading everything anew", async () => {
    fill(0, 100);
    let trimmed = false;
    const index = open({
      ...source,
      async readChanges(id, after, limit) {
        if (trimmed && after < 150) throw new AppError("index_corrupt", "The journal was trimmed.");
        return source.readChanges(id, after, limit);
      },
    });
    await index.refresh(generationId);
    fill(100, 200);
    source.remove(3);
    trimmed = true;
    const status = await index.refresh(generationId);
    expect(status).toMatchObject({ vectorCount: 199, appliedChange: 201 });
    await expectSound(index);
  });

  test("a compaction can be stopped", async () => {
    fill(0, 2_500);
    const index = open();
    await index.refresh(generationId);
    const controller = new AbortController();
    const compacting = index.compact(generationId, { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(compacting).rejects.toMatchObject({ code: "aborted" });
    await expectSound(index);
  });

  test("generations do not see each other", async () => {
    const other = "gen_other" as GenerationId;
    fill(0, 50);
    const index = open();
    await index.refresh(generationId);
    await index.refresh(other);
    await index.drop(generationId);
    expect(await index.status(generationId)).toBeNull();
    expect((await index.status(other))?.vectorCount).toBe(50);
  });
});

describe("in its own thread", () => {
  const generationId = "gen_thread" as GenerationId;

  test("the index answers, opens again from its files, and leaves the event loop free", async () => {
    const folder = await mkdtemp(join(tmpdir(), "lorekeep-index-"));
    const source = memoryVectorSource(384);
    const next = vectorMaker({ dimensions: 384, seed: 8 });
    for (let seq = 0; seq < 3_000; seq += 1) source.put(seq, next());
    const logger = recordingLogger();
    const index = openVectorIndex({ folder, source, logger, exactBelow: 1_000 });
    await index.refresh(generationId);
    const loop = monitorEventLoopDelay({ resolution: 1 });
    loop.enable();
    const status = await index.compact(generationId); // seconds of computing
    loop.disable();
    // The median, because this machine does other things too.
    expect(loop.percentile(50) / 1e6).toBeLessThan(20);
    const query = next();
    const { neighbours, plan } = await index.search({ generationId, vector: query, k: 10 });
    expect(plan).toBe(status.hnsw ? "hnsw" : "exact");
    expect(recall(neighbours, bruteForce(source, query, 10))).toBeGreaterThanOrEqual(0.9);
    await expect(index.search({ generationId, vector: query.subarray(1), k: 1 })).rejects.toThrow(AppError);
    await index.close();

    const again = openVectorIndex({ folder, source, logger, exactBelow: 1_000 });
    await again.refresh(generationId);
    const opened = logger.lines.findLast(({ event }) => event === "index.opened");
    expect(opened?.fields).toMatchObject({ vectorCount: 3_000, fromSnapshotCount: status.hnsw ? 3_000 : 0 });
    await again.close();
    await rm(folder, { recursive: true });
  });
});
