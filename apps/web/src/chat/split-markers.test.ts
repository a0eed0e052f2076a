import { expect, test } from "vitest";
import {
  citationAt,
  MARKER_TAG,
  protectMarkers,
  rehypeMarkers,
  restoreMarkers,
  splitMarkers,
  type TreeNode,
} from "./split-markers.ts";

const known = new Set([1, 2, 12]);
const parts = (text: string) => splitMarkers(protectMarkers(text, known));

test("splits an answer into text and markers", () => {
  expect(parts("Rain fell [1]. Snow too[2][12].")).toEqual([
    { kind: "text", text: "Rain fell " },
    { kind: "marker", marker: 1, at: 10 },
    { kind: "text", text: ". Snow too" },
    { kind: "marker", marker: 2, at: 23 },
    { kind: "marker", marker: 12, at: 26 },
    { kind: "text", text: "." },
  ]);
});

test("leaves unknown numbers, words and empty brackets alone (F1)", () => {
  expect(parts("a[7] [x] [] [1a]")).toEqual([{ kind: "text", text: "a[7] [x] [] [1a]" }]);
});

test("works beside Chinese text without spaces", () => {
  expect(parts("今日有雨[1]。").map((part) => part.kind)).toEqual(["text", "marker", "text"]);
});

test("restores what it protected", () => {
  const text = "x [1] and [12](https://a.example) and [3]";
  expect(restoreMarkers(protectMarkers(text, known))).toBe(text);
});

test("drops private-use characters that came from outside, so that no chip can be forged", () => {
  expect(parts("\uE0009\uE001")).toEqual([{ kind: "text", text: "9" }]);
});

test("turns markers into elements in text and into plain brackets in code and addresses", () => {
  const text = (value: string): TreeNode => ({ type: "text", value: protectMarkers(value, known) });
  const tree: TreeNode = {
    type: "root",
    children: [
      { type: "element", tagName: "p", children: [text("see [1]")] },
      { type: "element", tagName: "pre", children: [{ type: "element", tagName: "code", children: [text("a[1]")] }] },
      {
        type: "element",
        tagName: "a",
        properties: { href: `https://a.example/${encodeURIComponent(protectMarkers("[1]", known))}` },
        children: [text("link")],
      },
    ],
  };
  rehypeMarkers()(tree);
  expect(tree.children![0]!.children![1]).toMatchObject({
    tagName: MARKER_TAG,
    properties: { dataMarker: "1", dataAt: "4" },
  });
  expect(tree.children![1]!.children![0]!.children![0]!.value).toBe("a[1]");
  expect(tree.children![2]!.properties!["href"]).toBe("https://a.example/[1]");
});

test("F3: two sentences that cite one passage open two quotes of it", () => {
  const text = "It runs daily. [1] It rests at night. [1]";
  const cited = [
    { marker: 1, answerSpan: [0, 18] as const, quote: "runs" },
    { marker: 1, answerSpan: [19, 41] as const, quote: "rests" },
  ];
  const places = parts(text).flatMap((part) => (part.kind === "marker" ? [part.at] : []));
  expect(places.map((at) => citationAt(cited, 1, at)?.quote)).toEqual(["runs", "rests"]);
  expect(citationAt(cited, 1, 99)?.quote).toBe("runs");
  expect(citationAt(cited, 2, 0)).toBeUndefined();
});
