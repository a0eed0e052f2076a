import { expect, test } from "vitest";
import { findWhole, rehypeShortAnswer, sentenceAround } from "./short-answer.ts";
import type { TreeNode } from "./split-markers.ts";

test("finds whole words only, and Chinese anywhere", () => {
  expect(findWhole("It took 15 of 5 days", "5")).toBe(14);
  expect(findWhole("pier, piers", "piers")).toBe(6);
  expect(findWhole("共保管九十天。", "九十天")).toBe(3);
  expect(findWhole("n = 90%", "90%")).toBe(4);
  expect(findWhole("anything", "")).toBe(-1);
  expect(findWhole("subway", "way")).toBe(-1);
});

const text = "It opens at 7. Things are kept for 90 days here. Then they go.";
const passages = [{ chunkId: "chk_1", text, span: [100, 100 + text.length] as [number, number] }];
const short = (value: string, chunkId = "chk_1") => {
  const at = 100 + text.indexOf(value);
  return { text: value, chunkId, span: [at, at + value.length] as [number, number] };
};

test("gives the passage's sentence around the short answer", () => {
  expect(sentenceAround(short("90 days"), passages)).toEqual({
    before: "Things are kept for ",
    marked: "90 days",
    after: " here.",
  });
  expect(sentenceAround(short("It opens"), passages)).toMatchObject({ before: "", after: " at 7." });
  expect(sentenceAround(short("go."), passages)).toMatchObject({ before: "Then they ", after: "" });
});

test("gives a Chinese sentence without a space behind it", () => {
  const chinese = "七点开门。失物保管九十天。之后捐出。";
  const at = chinese.indexOf("九十天");
  const found = sentenceAround({ text: "九十天", chunkId: "c", span: [at, at + 3] }, [
    { chunkId: "c", text: chinese, span: [0, chinese.length] },
  ]);
  expect(found).toEqual({ before: "失物保管", marked: "九十天", after: "。" });
});

test("gives nothing for an unknown passage or for a place that says something else", () => {
  expect(sentenceAround(short("90 days", "chk_9"), passages)).toBeNull();
  expect(sentenceAround({ ...short("90 days"), text: "91 days" }, passages)).toBeNull();
  expect(sentenceAround({ ...short("90 days"), span: [3, 10] }, passages)).toBeNull();
});

const leaf = (value: string): TreeNode => ({ type: "text", value });
const element = (tagName: string, ...children: TreeNode[]): TreeNode => ({ type: "element", tagName, children });
const shown = (node: TreeNode): string =>
  node.value ??
  `${node.tagName === "mark" ? "<" : ""}${(node.children ?? []).map(shown).join("")}${node.tagName === "mark" ? ">" : ""}`;

test("marks the first text that says it, once, and leaves code alone", () => {
  const tree = element(
    "div",
    element("p", element("code", leaf("90 days")), leaf(" kept ")),
    element("p", element("em", leaf("for 90 days")), leaf(", 90 days.")),
  );
  rehypeShortAnswer("90 days")(tree);
  expect(shown(tree)).toBe("90 days kept for <90 days>, 90 days.");
  const without = element("p", leaf("a week"));
  rehypeShortAnswer("90 days")(without);
  expect(shown(without)).toBe("a week");
});
