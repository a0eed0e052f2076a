import { expect, test } from "vitest";
import { blockLabels, pdfBlockOf as block, pdfPageOf as page } from "../testing/pdf-block-of.ts";
import { settleStyles } from "./pdf-styles.ts";

const prose = (y: number) =>
  block(
    y,
    Array.from({ length: 8 }, () => "The keeper writes down who passed the gate, and when, and with how many hands."),
  );
const heading = (y: number, text: string, over = {}) => block(y, [text], { kind: "heading", size: 12, ...over });
const document = [page(1, [heading(40, "1.1 The gate"), prose(80)]), page(2, [heading(40, "1.2 The lock"), prose(80)])];
/** What becomes of one page beside two that say how this document sets its headings. */
const labels = (...blocks: Parameters<typeof page>[1]) =>
  blockLabels(settleStyles([...document, page(3, blocks)])).slice(4);

test("a heading that the layout model overlooked on one page is known by its letters", () => {
  expect(labels(heading(40, "1.3 The night watch", { kind: "paragraph" }), prose(80))[0]).toBe(
    "heading: 1.3 The night watch",
  );
});

test("larger letters than any proven heading's are a heading too, in whatever font", () => {
  const title = block(40, ["认证和访问控制"], { size: 24, font: "Hei" });
  expect(labels(title, prose(80))[0]).toBe("heading: 认证和访问控制");
});

test.each([
  ["a sentence", "Large letters, and yet a whole sentence."],
  ["a lead-in", "What is needed:"],
])("%s in a heading's letters stays text", (_, text) => {
  expect(labels(block(40, [text], { size: 12 }))[0]).toBe(`paragraph: ${text}`);
});

test.each(["Tip", "WARNING", "注意", "提示："])("the label %s of a note is no heading over what follows", (label) => {
  expect(labels(heading(40, label, { size: 10 }))[0]).toBe(`paragraph: ${label}`);
});

test("text and headings between commands are no part of the listing", () => {
  const mixed = [
    block(40, ["# deluser fish"], { font: "Mono" }),
    block(52, ["1.4 Rights"], { size: 12 }),
    block(64, ["It is common to give rights to one user in this way, with a password."]),
    block(76, ["# visudo"], { font: "Mono" }),
  ];
  const listing = { ...mixed[0]!, kind: "code" as const, lines: mixed.flatMap(({ lines }) => lines) };
  expect(labels(listing)).toEqual([
    "code: # deluser fish",
    "heading: 1.4 Rights",
    "paragraph: It is common to give rights to one user in this way, with a password.",
    "code: # visudo",
  ]);
});

test("a listing stays one", () => {
  const lines = ["menuentry 'A system of the usual kind' {", "  load_video", "}"];
  expect(labels(block(40, lines, { kind: "code", font: "Mono" }))).toEqual([`code: ${lines.join(" ")}`]);
});

test("a line back at the marker's place is no part of a list item, where items hang", () => {
  const item = (y: number, last: Partial<{ x: number }> = {}) => {
    const made = block(y, ["• First we look at the gate,", "then at the lock."], { kind: "list-item" });
    return { ...made, lines: [made.lines[0]!, { ...made.lines[1]!, x: 70, ...last }] };
  };
  const found = labels(item(40), item(80), item(120), item(160, { x: 57 }));
  expect(found.slice(3)).toEqual(["list-item: • First we look at the gate,", "paragraph: then at the lock."]);
});
