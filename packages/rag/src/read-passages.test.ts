import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReadAnswer, Reader, Span } from "@lorekeep/core";
import { overlapReader } from "@lorekeep/core/testing";
import { rankOf, readPassages } from "./read-passages.ts";
import { makePassage, packAll } from "./testing/passages.ts";

/** Marks the first place of `mark` in what it is given, as surely as the table says. */
function markingReader(mark: string, scores: readonly number[] = []): Reader & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    ...{ name: "marking", fingerprint: "marking@1", asked },
    read: async (_question, passages) =>
      passages.map((passage, at): ReadAnswer => {
        asked.push(passage);
        const start = passage.indexOf(mark);
        const span: Span | null = start < 0 ? null : [start, start + mark.length];
        return { span, text: start < 0 ? "" : mark, score: scores[at] ?? 1 };
      }),
    close: async () => undefined,
  };
}

describe("places", () => {
  test("are those of the parsed text, in English and Chinese", async () => {
    const packed = packAll([
      makePassage("The valve costs 40 crowns.", { start: 700 }),
      makePassage("阀门价格为40克朗。", { seq: 2, start: 90, language: "zh", document: "b.md" }),
    ]);
    const { passages } = await readPassages("How much?", packed, markingReader("40"));
    expect(passages.map(({ span, text }) => [span, text])).toEqual([
      [[716, 718], "40"],
      [[95, 97], "40"],
    ]);
  });

  test("leave out the header that a table's chunk repeats: a mark in it is no quote, one over its end is cut", async () => {
    const header = "Ship | Passengers";
    const packed = packAll([makePassage("Grey Wagtail | 310", { header, start: 500 })]);
    const inHeader = await readPassages("q", packed, markingReader("Passengers"));
    expect(inHeader.passages[0]).toMatchObject({ span: null, text: "" });
    const inBody = await readPassages("q", packed, markingReader("310"));
    expect(inBody.passages[0]).toMatchObject({ span: [515, 518], text: "310" });
    const across = await readPassages("q", packed, markingReader("Passengers\nGrey"));
    expect(across.passages[0]).toMatchObject({ span: [500, 504], text: "Grey" });
  });

  test("name the same place for what two overlapping chunks share", async () => {
    const text = "The crane lifts 9 tonnes. It is red. It stands on the quay.";
    const packed = packAll([
      makePassage(text.slice(0, 36), { start: 0 }),
      makePassage(text.slice(26), { seq: 2, start: 26 }),
    ]);
    // What the prompt shows of the second chunk lacks the overlap; the reader sees the chunk as it is stored.
    const shown = [packed[0]!, { ...packed[1]!, text: "It stands on the quay." }];
    const { passages } = await readPassages("Colour?", shown, markingReader("red"));
    expect(passages.map(({ span }) => span)).toEqual([
      [32, 35],
      [32, 35],
    ]);
    for (const { span } of passages) expect(text.slice(...span!)).toBe("red");
  });

  test("F1: hold the text that is told, whatever is marked", async () => {
    const piece = fc.constantFrom("The pump", " hums. ", "水泵", "很吵。", "\n", "  ", "a | b", "ﬁ", "𠮷野家");
    const body = fc.array(piece, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(
        ...[body, fc.option(fc.constant("Ship | Built")), fc.nat(60), fc.nat(30), fc.nat(900)],
        async (text, header, from, length, start) => {
          const item = packAll([makePassage(text, { header, start })])[0]!;
          const reader = {
            ...markingReader(""),
            read: async () => [{ span: [from, from + length] as const, text: "", score: 0 }],
          };
          const [reading] = (await readPassages("q", [item], reader)).passages;
          expect(reading!.span === null).toBe(reading!.text === "");
          if (reading!.span === null) return;
          const [begin, end] = reading!.span;
          expect(text.slice(begin - start, end - start)).toBe(reading!.text);
          expect(reading!.text).toBe(reading!.text.trim());
        },
      ),
      { seed: 5, numRuns: 200 },
    );
  });
});

describe("which passage", () => {
  const passages = [
    makePassage("In 1990 the mill burnt.", { seq: 1, fused: 0.4 }),
    makePassage("In 1890 the mill was built.", { seq: 2, fused: 1, document: "b.md" }),
  ];

  test("reads the best-ranked first, and orders by the reader's score and the rank together", async () => {
    const reader = markingReader("In", [2, 2]);
    const even = await readPassages("When?", packAll(passages), reader);
    expect(reader.asked[0]).toContain("1890");
    expect(even.passages[0]!.packed.passage.seq).toBe(2);
    const sure = await readPassages("When?", packAll(passages), markingReader("In", [-9, 9]));
    expect(sure.passages[0]!.packed.passage.seq).toBe(1);
  });

  test("the rank rises with each of its features", () => {
    const base = { score: 0, relevance: 0, share: 0.5 };
    for (const name of ["score", "relevance", "share"] as const)
      expect(rankOf({ ...base, [name]: base[name] + 1 })).toBeGreaterThanOrEqual(rankOf(base));
    expect(rankOf({ ...base, score: 1 })).toBeGreaterThan(rankOf(base));
  });

  test("tells the best logits, held within what compares between questions", async () => {
    const packed = packAll(passages);
    expect(await readPassages("q", packed, markingReader("In", [-99, -30]))).toMatchObject({
      score: -12,
      relevance: 0,
    });
    expect(await readPassages("q", packed, markingReader("In", [3, -1]))).toMatchObject({
      score: 3,
      reader: "marking",
    });
    const withRelevance = await readPassages("mill burnt 1990", packed, overlapReader({ withRelevance: true }));
    expect(withRelevance.relevance).toBe(withRelevance.score);
  });

  test("stops when the question is stopped", async () => {
    const signal = AbortSignal.abort();
    await expect(readPassages("q", packAll(passages), overlapReader(), signal)).rejects.toMatchObject({
      code: "aborted",
    });
  });
});
