import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tinyE5 } from "../../../fixtures/models/tiny-e5.ts";
import { openE5File } from "./convert/e5-file.ts";
import { unigramTokenizerJson } from "./convert/tokenizer-json.ts";
import { openPairTokenizer, tokensOfSpan, type PairTokenizer, type PairWindow } from "./pair-tokenizer.ts";
import { parseTokenizer } from "./tokenizer.ts";

let folder: string;
let path: string;
let tokenizer: PairTokenizer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lorekeep-pairs-"));
  path = join(folder, "tiny.bin");
  await writeFile(path, tinyE5(7));
  tokenizer = await openPairTokenizer(path);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const QUESTION = "how often is the pump serviced?";
const [BOS, EOS] = [0, 2];
const passageIds = (window: PairWindow): number[] =>
  window.ids.slice(window.passageStart, window.passageStart + window.spans.length);

describe("pairs of question and passage", () => {
  test("are one segment: start, prefixed question, end, passage, end", () => {
    const [window, ...more] = tokenizer.encodePair(QUESTION, "the pump is old.");
    expect(more).toEqual([]);
    expect(window!.ids).toEqual([
      BOS,
      ...tokenizer.encode(`query: ${QUESTION}`),
      EOS,
      ...tokenizer.encode("the pump is old."),
      EOS,
    ]);
    expect(window!.passageStart + window!.spans.length).toBe(window!.ids.length - 1);
  });

  test("are the same from the packed file and from tokenizer.json, with the embedder's ids", async () => {
    const handle = await open(path);
    const { vocabulary } = await openE5File(handle);
    await handle.close();
    const text = JSON.stringify(unigramTokenizerJson(vocabulary));
    const json = join(folder, "tokenizer.json");
    await writeFile(json, text);
    const other = await openPairTokenizer(json);
    const passage = "水泵每运行 400 hours 保养一次";
    expect(other.encodePair(QUESTION, passage)).toEqual(tokenizer.encodePair(QUESTION, passage));
    expect(passageIds(tokenizer.encodePair(QUESTION, passage)[0]!)).toEqual(parseTokenizer(text).encode(passage));
  });

  test("know the place of every token, whatever normalising does to it", () => {
    const fragments = [
      "pump ",
      "the",
      " ",
      "水泵",
      "保养",
      "ﬁ",
      "４",
      "e\u0301",
      "🚰",
      "\u200b",
      "㎏",
      "\n",
      "is ",
      "?",
      "ｶﾞ",
    ];
    let state = 11;
    const next = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
    for (let round = 0; round < 400; round += 1) {
      const passage = Array.from({ length: Math.floor(next() * 20) }, () => fragments[Math.floor(next() * 15)]!).join(
        "",
      );
      const [window] = tokenizer.encodePair("pump?", passage);
      let before = 0;
      for (const [start, end] of window!.spans) {
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(passage.length);
        expect(end).toBeGreaterThanOrEqual(start);
        expect(start).toBeGreaterThanOrEqual(before - 5); // tokens of one expanded character share its span
        expect(passage.slice(start, end).isWellFormed()).toBe(true);
        before = end;
      }
      const covered = window!.spans.map(([start, end]) => passage.slice(start, end)).join("");
      for (const word of ["pump", "水泵", "保养", "🚰"]) if (passage.includes(word)) expect(covered).toContain(word);
    }
  });

  test("become windows that overlap and together hold the whole passage", () => {
    const passage = "the pump is serviced. ".repeat(60).trim();
    const whole = tokenizer.encode(passage);
    const windows = tokenizer.encodePair(QUESTION, passage, { maxTokens: 96, overlapTokens: 16 });
    expect(windows.length).toBeGreaterThan(3);
    const starts = windows.map((window) => {
      expect(window.ids.length).toBeLessThanOrEqual(96);
      return window.spans[0]![0];
    });
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    let seen: number[] = [];
    for (const window of windows) {
      const ids = passageIds(window);
      seen = seen.length === 0 ? ids : [...seen, ...ids.slice(16)];
    }
    expect(seen).toEqual(whole);
    const exact = tokenizer.encodePair(QUESTION, passage, { maxTokens: 4096 });
    expect(exact).toHaveLength(1);
  });

  test("leave room for the passage beside an endless question", () => {
    const [window] = tokenizer.encodePair("pump ".repeat(1000), "the pump is old.", { maxTokens: 96 });
    expect(window!.ids.length).toBeLessThanOrEqual(96);
    expect(window!.spans.length).toBeGreaterThan(5);
  });

  test("have one empty window for an empty passage", () => {
    const windows = tokenizer.encodePair(QUESTION, "");
    expect(windows).toHaveLength(1);
    expect(windows[0]!.spans).toEqual([]);
  });

  test("turn a span of text into the tokens that cover it, and back", () => {
    for (const [passage, answer] of [
      ["the pump is serviced every 400 hours.", "400 hours"],
      ["水泵每运行四百小时保养一次。", "小时保养"],
    ] as const) {
      const [window] = tokenizer.encodePair(QUESTION, passage);
      const at = passage.indexOf(answer);
      const [first, last] = tokensOfSpan(window!, [at, at + answer.length])!;
      const [start] = window!.spans[first - window!.passageStart]!;
      const [, end] = window!.spans[last - window!.passageStart]!;
      expect(passage.slice(start, end)).toContain(answer);
      expect(passage.slice(start, end).trim().length).toBeLessThanOrEqual(answer.length + 2);
    }
  });

  test("point at nothing when the window does not hold the whole answer", () => {
    const passage = `${"the pump is old. ".repeat(40)}every 400 hours`;
    const windows = tokenizer.encodePair(QUESTION, passage, { maxTokens: 96, overlapTokens: 16 });
    const at = passage.indexOf("400");
    const found = windows.map((window) => tokensOfSpan(window, [at, at + 3]));
    expect(found[0]).toBeNull();
    expect(found.filter((tokens) => tokens !== null).length).toBeGreaterThan(0);
    expect(tokensOfSpan(windows[0]!, [3, 3])).toBeNull();
  });

  test("say that another kind of tokenizer cannot tell places", async () => {
    const json = join(folder, "wordpiece.json");
    await writeFile(json, JSON.stringify({ model: { type: "WordPiece", vocab: {} } }));
    await expect(openPairTokenizer(json)).rejects.toMatchObject({ code: "model_invalid" });
    await writeFile(json, "nonsense");
    await expect(openPairTokenizer(json)).rejects.toMatchObject({ code: "model_invalid" });
  });
});
