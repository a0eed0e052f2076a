import { expect, test } from "vitest";
import { draftFromTable } from "./draft-from-tables.ts";

const ask = (columns: readonly string[]) =>
  draftFromTable({ kind: "table", columns, rows: [["Pump", "$20.00"]], heading: "", continues: false }, "en").map(
    ({ question }) => question,
  );

test("a row is called what its first column is named, and nothing where the corner is empty", () => {
  expect(ask(["Part", "Price"])).toEqual(["How much is the part “Pump” (price)?"]);
  expect(ask(["", "Price"])).toEqual(["How much is “Pump” (price)?"]);
});
