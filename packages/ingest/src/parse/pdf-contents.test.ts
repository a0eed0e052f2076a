import { expect, test } from "vitest";
import { blockLabels, pdfBlockOf as block, pdfPageOf as page } from "../testing/pdf-block-of.ts";
import { dropContents } from "./pdf-contents.ts";

const TITLES = ["Mooring", "The sluice", "Night watch", "Signals and lights", "Repairs", "Staff"];
const chapters = TITLES.map((title, at) =>
  page(at + 2, [block(80, [`${at + 1} ${title}`], { kind: "heading" }), block(120, [`All about no. ${at}.`])]),
);
const labels = (...pages: Parameters<typeof dropContents>[0]) => blockLabels(dropContents(pages));

test.each([
  ["leaders", (title: string, at: number) => `${at + 1} ${title} . . . . . . ${at + 2}`],
  ["blanks", (title: string, at: number) => `${at + 1}. ${title} ${at + 2}`],
])("a table of contents with %s is left out with its title", (_, entry) => {
  const contents = page(1, [block(60, ["Contents"], { kind: "heading" }), block(90, TITLES.map(entry))]);
  const found = labels(contents, ...chapters);
  expect(found).toHaveLength(12);
  expect(found.join()).not.toMatch(/Contents|\. \.|Mooring 2/);
});

test("page numbers that the layout model took for a column of their own are found again", () => {
  const titles = block(90, TITLES, { right: 300 });
  const numbers = block(90, ["2", "3", "4", "5", "6", "7"], { x: 490 });
  expect(labels(page(1, [block(60, ["目录"]), titles, numbers]), ...chapters)).toHaveLength(12);
});

test("entries on two lines count with both", () => {
  const entries = TITLES.flatMap((title, at) => [title, `and what belongs to it . . . ${at + 2}`]);
  const long = TITLES.map((title, at) =>
    page(at + 2, [block(80, [title, "and what belongs to it"]), block(120, ["So."])]),
  );
  expect(labels(page(1, [block(90, entries)]), ...long)).toHaveLength(12);
});

test("a list of prices is no table of contents: what it lists does not come again", () => {
  const prices = ["Rope 12", "Anchor 40", "Lantern 55", "Compass 70", "Sextant 95", "Chart 99"];
  expect(labels(page(1, [block(90, prices)]), ...chapters)).toHaveLength(13);
});

test("a list of prices stays, also where everything in it has a chapter of its own", () => {
  const prices = TITLES.map((title, at) => `${title} . . . ${12 + 19 * at}`);
  expect(labels(page(1, [block(60, ["Contents"]), block(90, prices)]), ...chapters)).toHaveLength(14);
});

test("members with their numbers in the alphabet's order are no index: the document has no such pages", () => {
  const names = ["Adams", "Baker", "Clark", "Davis", "Evans", "Foster", "Green", "Hughes", "Irwin", "Jones"];
  const members = page(9, [
    block(60, ["Members"], { kind: "heading" }),
    block(
      90,
      names.map((name, at) => `${name}, ${104 + at * 31}`),
    ),
  ]);
  expect(labels(...chapters, members)).toHaveLength(14);
});

test("printed page numbers may begin after a preface", () => {
  const entries = TITLES.map((title, at) => `${title} . . . ${at + 1}`);
  const later = chapters.map((each) => ({ ...each, page: each.page + 7 }));
  expect(labels(page(1, [block(90, entries)]), ...later)).toHaveLength(12);
});

test("results whose numbers rise and fall are no table of contents", () => {
  const results = TITLES.map((title, at) => `${title} ${[9, 2, 8, 1, 7, 3][at]}`);
  expect(labels(page(1, [block(90, results)]), ...chapters)).toHaveLength(13);
});

test("a document of nothing but contents stays as it is", () => {
  const contents = [
    page(1, [
      block(
        90,
        TITLES.map((title, at) => `${title} . . . ${at + 2}`),
      ),
    ]),
  ];
  expect(dropContents(contents)).toEqual(contents);
});

test("an index at the end is left out, a page of terms with numbers elsewhere is not", () => {
  const terms = ["anchor, 3, 7", "berth, 2", "crane, 4–6", "dock, 5", "ebb, 2, 9", "flag, 6", "gate, 3", "hull, 7"];
  const index = page(9, [block(60, ["Index"], { kind: "heading" }), block(90, [...terms, "keel, 8", "lock, 2, 4"])]);
  expect(labels(...chapters, index)).toHaveLength(12);
  expect(labels(index, ...chapters).length).toBeGreaterThan(12);
});
