import { expect, test } from "vitest";
import { foreignAmong, withoutOwnLanguage } from "./foreign-passages.ts";
import type { PackedContext } from "./pack-context.ts";
import type { Reading } from "./read-passages.ts";
import { makePassage, packAll } from "./testing/passages.ts";

const QUESTION = { language: "zh" } as const;
const own = makePassage("发票每周五支付。", { dense: 0.8, language: "zh" });
const foreign = makePassage("Bills are paid on Fridays.", { seq: 2, dense: 0.9, language: "en" });
const unknown = makePassage("0x11 0x22", { seq: 3, dense: 0.7, language: null });

test("passages in another language stand for themselves only beside others and when the nearest is one of them", () => {
  expect(foreignAmong(QUESTION, [own, foreign, unknown])).toEqual([foreign]);
  expect(foreignAmong(QUESTION, [foreign])).toEqual([]);
  expect(foreignAmong(QUESTION, [{ ...own, scores: { ...own.scores, dense: 0.95 } }, foreign])).toEqual([]);
  expect(foreignAmong(QUESTION, [own, { ...foreign, scores: { ...foreign.scores, dense: null } }])).toEqual([]);
  expect(foreignAmong({ language: "en" }, [{ ...own, scores: { ...own.scores, dense: 0.95 } }, foreign])).toHaveLength(
    1,
  );
});

test("only they and what was read of them are quoted, under the numbers that they have; nothing is lost when none was packed", () => {
  const packed = packAll([own, foreign]);
  const context: PackedContext = { packed, dropped: [], promptTokens: null };
  const read = packed.map((one) => ({
    packed: one,
    span: null,
    text: "",
    score: 1,
    relevance: null,
    share: 1,
    rank: 1,
  }));
  const reading: Reading = { reader: "r", passages: read, score: 1, relevance: 0 };
  const left = withoutOwnLanguage(QUESTION, context, reading);
  expect(left.context.packed).toEqual([packed[1]]);
  expect(left.context.packed[0]!.marker).toBe(2);
  expect(left.reading!.passages).toEqual([read[1]]);
  const none = { ...context, packed: packed.slice(0, 1) };
  expect(withoutOwnLanguage(QUESTION, none, null)).toEqual({ context: none, reading: null });
});
