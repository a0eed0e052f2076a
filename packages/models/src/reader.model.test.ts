import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Reader } from "@lorekeep/core";
import { describeReader, recordingLogger } from "@lorekeep/core/testing";
import { randomReader } from "../../../fixtures/models/tiny-reader.ts";
import { findModel } from "./catalogue.ts";
import { openPairTokenizer, type PairTokenizer } from "./pair-tokenizer.ts";
import { openReader } from "./reader.ts";
import { realEmbedder } from "./testing/real-models.ts";
import { parseTokenizer } from "./tokenizer.ts";

const e5 = await realEmbedder("multilingual-e5-small");
const shipped = findModel("reader-e5-small");
const shippedFile = shipped?.role === "reader" ? shipped.file : "";
const isTrained = (await stat(shippedFile).catch(() => null)) !== null;
const basePath = join(e5?.folder ?? "", "e5-small-q4.bin");

/** Recorded: `<s> query: When was it built? </s> 水泵建于１９９８年。 </s>`. */
const GOLDEN = {
  question: "When was it built?",
  passage: "水泵建于１９９８年。",
  window: {
    ids: [0, 41, 1294, 12, 14847, 509, 442, 88303, 32, 2, 6, 1553, 180466, 6251, 2308, 52354, 470, 30, 2],
    passageStart: 10,
    spans: [
      [0, 0],
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 8],
      [8, 9],
      [9, 10],
    ],
  },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lorekeep-reader-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function openRandom(): Promise<Reader> {
  const readerPath = join(folder, "random.safetensors");
  await writeFile(readerPath, randomReader(1, { hidden: 384, intermediate: 1536, layers: 12, outputs: 3 }));
  return openReader({
    name: "random-reader",
    basePath,
    readerPath,
    modelsFolder: folder,
    threads: 0,
    logger: recordingLogger(),
  });
}
const openTrained = (): Promise<Reader> =>
  openReader({
    name: "trained-reader",
    basePath,
    readerPath: shippedFile,
    modelsFolder: folder,
    threads: 0,
    logger: recordingLogger(),
  });

describe.skipIf(e5 === null)("reader over multilingual-e5-small", () => {
  describeReader("random head and changes", openRandom, { understands: false });

  describe("K1 pair tokens", () => {
    let tokenizer: PairTokenizer;
    beforeAll(async () => {
      tokenizer = await openPairTokenizer(basePath);
    });

    test("are the recorded ones, with their places", () => {
      const [window] = tokenizer.encodePair(GOLDEN.question, GOLDEN.passage);
      expect(window).toEqual(GOLDEN.window);
    });

    test("are those of the embedder's tokenizer on the sample documents", async () => {
      const embedder = parseTokenizer(await readFile(join(e5!.folder, "tokenizer.json"), "utf8"));
      const root = join(import.meta.dirname, "../../..");
      for (const name of ["README.md", "ARCHITECTURE.md"]) {
        const text = await readFile(join(root, name), "utf8");
        for (const line of text.split("\n").filter((line) => line.trim() !== "")) {
          const [window] = tokenizer.encodePair("?", line, { maxTokens: 100_000 });
          expect(window!.ids.slice(window!.passageStart, -1)).toEqual(embedder.encode(line));
        }
      }
    });
  });

  test.skipIf(!isTrained)("the shipped file is small", async () => {
    expect((await stat(shippedFile)).size).toBeLessThanOrEqual(6_000_000);
  });
});

describe.skipIf(e5 === null || !isTrained)("the shipped reader", () => {
  describeReader("trained", openTrained);

  test("reads Chinese, and refuses a passage about something else", async () => {
    const reader = await openTrained();
    const [good, bad] = await reader.read("水泵多久保养一次？", [
      "水泵每运行四百小时保养一次，由白班负责。",
      "香蕉是黄色的，生长在温暖的国家。",
    ]);
    expect(good!.text).toContain("四百小时");
    expect(good!.score).toBeGreaterThan(bad!.score + 2);
    await reader.close();
  });
});
