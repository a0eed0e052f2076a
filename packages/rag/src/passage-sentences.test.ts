import { expect, test } from "vitest";
import { passageSentences } from "./passage-sentences.ts";
import { makePassage } from "./testing/passages.ts";

const read = (text: string, header: string | null = null) =>
  passageSentences(makePassage(text, { header })).map(({ kind, readAs }) => `${kind}: ${readAs}`);

test("H2: an empty corner above the row labels shifts no column", () => {
  expect(read("| 2019 | 2018\nSales | $1,496.5 | $1,202.9\nOther | | 56.7\nTax | 3 |")).toEqual([
    "column-names: | 2019 | 2018",
    "row: Sales; 2019: $1,496.5; 2018: $1,202.9",
    "row: Other; 2018: 56.7",
    "row: Tax; 2019: 3",
  ]);
  expect(read("Sales | 7 | 5", "| 2019 | 2018")).toEqual(["row: Sales; 2019: 7; 2018: 5"]);
});

test("H2: column names may stand in two lines, and a line that names a part of the table ends neither it nor them", () => {
  const lines = [
    "| 30 June 2019 | 30 June 2018",
    "| $’000 | Tonnes",
    "Emissions from:",
    "Fuel | 144.7 | 137.2",
    "排放 | 9 | 8",
  ];
  expect(read(lines.join("\n"))).toEqual([
    "column-names: | 30 June 2019 | 30 June 2018",
    "column-names: | $’000 | Tonnes",
    "sentence: Emissions from:",
    "row: Fuel; 30 June 2019 $’000: 144.7; 30 June 2018 Tonnes: 137.2",
    "row: 排放；30 June 2019 $’000：9；30 June 2018 Tonnes：8",
  ]);
});

test("H2: rows of a table without column names are read as they stand, and the next table has its own", () => {
  expect(read("Pump | 400\nFilter | 7\n\nShip | Built\nWagtail | 2019")).toEqual([
    "row: Pump; 400",
    "row: Filter; 7",
    "column-names: Ship | Built",
    "row: Ship: Wagtail; Built: 2019",
  ]);
  expect(read("Report | 2019\nName | Quarter | Clerk\nHollin | first | Perry")).toContain(
    "row: Name: Hollin; Quarter: first; Clerk: Perry",
  );
});
