import { expect, test } from "vitest";
import { readPieces } from "./read-sections.ts";

const read = (text: string, header: string | null = null) =>
  readPieces({ chunkId: "chk_1", text, headings: [], header });

test("H2: an empty corner above the labels shifts no column, in a first chunk and in a later one", () => {
  const rows = "Sales | 7 | 5\nOther | | 3";
  const table = {
    kind: "table",
    columns: ["", "2019", "2018"],
    rows: [
      ["Sales", "7", "5"],
      ["Other", "", "3"],
    ],
    heading: "",
  };
  expect(read(`| 2019 | 2018\n${rows}`)).toEqual([{ ...table, continues: false }]);
  expect(read(`| 2019 | 2018\n${rows}`, "| 2019 | 2018")).toEqual([{ ...table, continues: true }]);
  const chinese = read("| 单价 | 数量\n水泵 | | 3\n滤网 | 20元 | 7");
  expect(chinese).toMatchObject([
    {
      columns: ["", "单价", "数量"],
      rows: [
        ["水泵", "", "3"],
        ["滤网", "20元", "7"],
      ],
    },
  ]);
});

test("prose with a bar in it is a paragraph", () => {
  expect(read("Press a | b to go on.\nThen wait.")).toMatchObject([{ kind: "paragraph" }]);
});
