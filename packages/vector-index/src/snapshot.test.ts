import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom, vectorMaker, waitUntil } from "@lorekeep/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HnswGraph, loadHnswlib } from "./hnsw-graph.ts";
import { deleteSnapshot, readSnapshot, writeSnapshot } from "./snapshot.ts";

const library = loadHnswlib();
const DIMENSIONS = 8;
const ID = "gen_test";

function buildGraph(count: number, seed = 2): { graph: HnswGraph; vectors: Float32Array[] } {
  const next = vectorMaker({ dimensions: DIMENSIONS, seed });
  const graph = HnswGraph.empty(library!, { dimensions: DIMENSIONS, capacity: count });
  const vectors = Array.from({ length: count }, next);
  vectors.forEach((vector, i) => graph.add(i, vector));
  return { graph, vectors };
}

describe.skipIf(library === null)("snapshots", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "lorekeep-snapshot-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  const write = (graph: HnswGraph, change = 7) => writeSnapshot(folder, ID, graph, { dimensions: DIMENSIONS, change });
  const read = (dimensions = DIMENSIONS, id = ID) => readSnapshot(folder, id, library!, dimensions);
  const file = async (ending: string) =>
    join(
      folder,
      (await readdir(folder)).find((name) => name.endsWith(ending))!,
    );

  test("what is written is read back", async () => {
    const { graph, vectors } = buildGraph(300);
    graph.remove(5);
    const bytes = await write(graph);
    const { snapshot } = await read();
    expect(snapshot?.bytes).toBe(bytes);
    expect(snapshot?.graph).toMatchObject({ liveCount: 299, deadCount: 1 });
    vectors.forEach((vector) => expect(snapshot?.graph.search(vector, 3, 48)).toEqual(graph.search(vector, 3, 48)));
  });

  test("a newer snapshot replaces the older one and its files", async () => {
    await write(buildGraph(100).graph);
    await write(buildGraph(200).graph);
    expect(await readdir(folder)).toHaveLength(3);
    expect((await read()).snapshot?.graph.liveCount).toBe(200);
  });

  test("other generations' files are left alone, also when one id begins like another", async () => {
    await write(buildGraph(50).graph);
    await writeSnapshot(folder, `${ID}2`, buildGraph(60).graph, { dimensions: DIMENSIONS, change: 1 });
    await deleteSnapshot(folder, ID);
    expect(await read()).toEqual({ snapshot: null, reason: "missing" });
    expect((await read(DIMENSIONS, `${ID}2`)).snapshot?.graph.liveCount).toBe(60);
  });

  test("the folder may be gone", async () => {
    await rm(folder, { recursive: true });
    expect(await read()).toEqual({ snapshot: null, reason: "missing" });
    await deleteSnapshot(folder, ID);
    await write(buildGraph(50).graph);
    expect((await read()).snapshot).not.toBeNull();
  });

  test("I5 a snapshot of another machine, library, generation or dimension is refused", async () => {
    await write(buildGraph(50).graph);
    const path = await file(".json");
    const honest = await readFile(path, "utf8");
    const pretend = async (changes: Record<string, unknown>) => {
      const { createHash } = await import("node:crypto");
      const { sha256: _sha256, ...manifest } = JSON.parse(honest) as Record<string, unknown>;
      const changed = { ...manifest, ...changes };
      const sha256 = createHash("sha256").update(JSON.stringify(changed)).digest("hex");
      await writeFile(path, JSON.stringify({ ...changed, sha256 }));
    };
    await pretend({});
    expect((await read()).snapshot).not.toBeNull(); // the forgery is good enough
    await pretend({ machine: "linux-s390x-BE" });
    expect(await read()).toEqual({ snapshot: null, reason: "other machine" });
    await pretend({ library: "hnswlib-node 9.9.9" });
    expect(await read()).toEqual({ snapshot: null, reason: "other library" });
    await pretend({ generationId: "gen_other" });
    expect(await read()).toEqual({ snapshot: null, reason: "other generation" });
    await pretend({});
    expect(await read(DIMENSIONS * 2)).toEqual({ snapshot: null, reason: "other dimensions" });
  });

  test("I5 no file cut short anywhere is believed", async () => {
    const { graph } = buildGraph(40);
    await write(graph);
    const whole = await mkdtemp(join(tmpdir(), "lorekeep-whole-"));
    await cp(folder, whole, { recursive: true });
    const random = seededRandom(3);
    for (const ending of [".hnsw", ".labels", ".json"]) {
      const path = await file(ending);
      const { size } = await stat(path);
      const lengths = [0, 1, 8, size - 1, ...Array.from({ length: 20 }, () => Math.floor(random() * size))];
      for (const length of lengths) {
        await truncate(path, length);
        expect(await read(), `${ending} cut to ${length} of ${size}`).toEqual({ snapshot: null, reason: "damaged" });
        await cp(whole, folder, { recursive: true });
      }
    }
    expect((await read()).snapshot).not.toBeNull();
    await rm(whole, { recursive: true });
  });

  test("I5 no file with a flipped bit is believed", async () => {
    await write(buildGraph(40).graph);
    const random = seededRandom(4);
    for (const ending of [".hnsw", ".labels", ".json"]) {
      const path = await file(ending);
      const whole = await readFile(path);
      const header = Array.from({ length: Math.min(120, whole.length) }, (_, i) => i);
      const places = [...header, ...Array.from({ length: 60 }, () => Math.floor(random() * whole.length))];
      for (const place of places) {
        const damaged = Buffer.from(whole);
        damaged[place] ^= 1 << Math.floor(random() * 8);
        await writeFile(path, damaged);
        const result = await read();
        // A flipped bit in the manifest's layout (a space, a line end) may leave its meaning as it was.
        if (ending === ".json" && result.snapshot !== null) {
          const meaning = (bytes: Buffer) => JSON.stringify(JSON.parse(bytes.toString()));
          expect(meaning(damaged)).toBe(meaning(whole));
        } else expect(result.snapshot, `${ending} byte ${place}`).toBeNull();
      }
      await writeFile(path, whole);
    }
    expect((await read()).snapshot).not.toBeNull();
  });

  test("a manifest that names a file outside the folder is refused", async () => {
    await write(buildGraph(40).graph);
    const path = await file(".json");
    await writeFile(path, (await readFile(path, "utf8")).replace(/"name": "gen_test/, '"name": "../gen_test'));
    expect((await read()).snapshot).toBeNull();
  });

  test("a full disk is an error, and the snapshot before it stays", async () => {
    await write(buildGraph(100).graph);
    const full = HnswGraph.empty(library!, { dimensions: DIMENSIONS, capacity: 10 });
    // The library reports success for a disk that takes nothing; here the file simply stays empty.
    full.write = async (path) => {
      await writeFile(path, "");
      return { seqs: Array.from({ length: 200 }, (_, i) => i), prints: new Array<number>(200).fill(0) };
    };
    await expect(write(full)).rejects.toMatchObject({ code: "disk_full" });
    expect((await read()).snapshot?.graph.liveCount).toBe(100);
    expect(await readdir(folder)).toHaveLength(3); // nothing left over
  });

  test("an id that could leave the folder is refused", async () => {
    const { graph } = buildGraph(10);
    await expect(writeSnapshot(folder, "../x", graph, { dimensions: DIMENSIONS, change: 1 })).rejects.toThrow();
  });

  test("I4 a process killed while it saves leaves a snapshot that loads", { timeout: 120_000 }, async () => {
    const code = `
      import { loadHnswlib, HnswGraph } from "${import.meta.dirname}/hnsw-graph.ts";
      import { writeSnapshot } from "${import.meta.dirname}/snapshot.ts";
      const library = loadHnswlib();
      const graph = HnswGraph.empty(library, { dimensions: ${DIMENSIONS}, capacity: 1000 });
      for (let seq = 0; ; ) {
        for (const end = seq + 500; seq < end; seq += 1) {
          graph.add(seq, Float32Array.from({ length: ${DIMENSIONS} }, () => Math.random() - 0.5));
        }
        await writeSnapshot(${JSON.stringify(folder)}, "${ID}", graph, { dimensions: ${DIMENSIONS}, change: seq });
        console.log(seq);
      }`;
    const random = seededRandom(6);
    let best = 0;
    for (let round = 0; round < 4; round += 1) {
      const child = spawn("node", ["--input-type=module", "-e", code], {
        cwd: import.meta.dirname,
        stdio: ["ignore", "pipe", "inherit"],
      });
      const exited = new Promise((resolve) => child.once("exit", resolve));
      let written = 0;
      child.stdout.on("data", (part: Buffer) => (written = Number(part.toString().trim().split("\n").at(-1))));
      await waitUntil(() => written >= 1_000, { what: "two snapshots", timeoutMs: 60_000 });
      // A moment that nobody chose; the loop above is nearly always in the middle of a save.
      await new Promise((resolve) => setTimeout(resolve, random() * 30));
      child.kill("SIGKILL");
      await exited;
      const { snapshot } = await read();
      expect(snapshot?.graph.liveCount).toBeGreaterThanOrEqual(written);
      best = Math.max(best, snapshot!.graph.liveCount);
    }
    expect(best).toBeGreaterThanOrEqual(1_000);
    // The next save clears away what the killed ones left.
    await write(buildGraph(30).graph);
    expect(await readdir(folder)).toHaveLength(3);
  });
});
